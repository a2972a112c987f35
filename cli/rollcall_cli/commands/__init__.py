"""The commands, a module for each area. A command reads its arguments, calls the API, and shows the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rollcall_cli.world import World

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def group(about: str) -> typer.Typer:
    """A group of commands."""
    return typer.Typer(help=about, no_args_is_help=True, rich_markup_mode=None)


def examples(*lines: str) -> str:
    """The end of a command's help: how it is called."""
    return "\b\nExamples:\n" + "\n".join(f"  rollcall {line}" for line in lines)


def world_of(context: typer.Context) -> World:
    """What the command works with."""
    world: World = context.obj
    return world
