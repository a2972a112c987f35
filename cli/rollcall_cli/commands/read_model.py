"""The read model in SQL of a stage that has one: the checkout's tools ask the stage's own functions."""

from __future__ import annotations

import typer

from rollcall_cli.commands import Commands, examples, world_of

app = typer.Typer(cls=Commands, no_args_is_help=True, help="The read model in SQL.")


@app.command(epilog=examples("read-model migrate --stage prod"))
def migrate(context: typer.Context) -> None:
    """Bring its tables to the version that the stage's code has, as each deployment does."""
    world = world_of(context)
    world.tools.run("tools.read_model", world.stage, "migrate")
