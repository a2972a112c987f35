"""The commands, a module for each area. A command reads its arguments, calls the API, and shows the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from rollcall_cli.world import World

SENTENCE = 1000
"""More letters than the first sentence of any help has."""

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


class Commands(TyperGroup):
    """A group whose help has the first sentence of each command in full, where click cuts it off at the line's end."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the section of commands."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, each.get_short_help_str(SENTENCE)) for name, each in commands if each])


def group(about: str) -> typer.Typer:
    """A group of commands."""
    return typer.Typer(cls=Commands, help=about, no_args_is_help=True, rich_markup_mode=None)


def examples(*lines: str) -> str:
    """The end of a command's help: how it is called."""
    return "\b\nExamples:\n" + "\n".join(f"  rollcall {line}" for line in lines)


def world_of(context: typer.Context) -> World:
    """What the command works with."""
    world: World = context.obj
    return world
