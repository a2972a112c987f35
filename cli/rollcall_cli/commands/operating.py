"""What needs the AWS account of a stage: the checkout's tools do it, with this machine's credentials."""

from __future__ import annotations

from typing import Annotated

import typer

from rollcall_cli.commands import Yes, examples, world_of


def register(app: typer.Typer) -> None:
    app.command(epilog=examples("up", "up --keep"))(up)
    app.command(epilog=examples("deploy --stage dev", "deploy --stage prod --region eu-central-1"))(deploy)
    app.command(epilog=examples("delete --stage dev", "delete --stage dev --data"))(delete)
    app.command(epilog=examples("admin you@example.com --stage dev"))(admin)


def up(
    context: typer.Context,
    keep: Annotated[bool, typer.Option("--keep", help="Keep its data for the next start.")] = False,
    port: Annotated[str, typer.Option(help="Of the API.")] = "",
    cloud_port: Annotated[str, typer.Option(help="Of the local cloud.")] = "",
    mailbox_port: Annotated[str, typer.Option(help="Of the mailbox.")] = "",
) -> None:
    """Run the whole system on this machine, as `make run` does. Ctrl-C ends it."""
    ports = {"PORT": port, "CLOUD_PORT": cloud_port, "MAILBOX_PORT": mailbox_port}
    world_of(context).tools.make("run", KEEP="1" if keep else "", **ports)


def deploy(
    context: typer.Context,
    package: Annotated[bool, typer.Option("--package", help="Its packaged template, as for production.")] = False,
) -> None:
    """Deploy the stage into the AWS account of your credentials. Again gives the same result."""
    world = world_of(context)
    world.tools.run("tools.deploy", world.stage, MODE="package" if package else "")


def delete(
    context: typer.Context,
    data: Annotated[bool, typer.Option("--data", help="Its data too, so all of its people.")] = False,
    yes: Yes = False,
) -> None:
    """Delete what deploy made of the stage; its data only with --data."""
    world = world_of(context)
    if data and not world.terminal.confirm(f"Delete the stage {world.stage} with all of its people?", yes=yes):
        raise typer.Exit(1)
    world.tools.run("tools.delete", world.stage, CONFIRM="yes" if data else "")


def admin(context: typer.Context, email: Annotated[str, typer.Argument(help="Of the administrator.")]) -> None:
    """Make the stage's first administrator, and print the password once."""
    world = world_of(context)
    world.tools.run("tools.admin", world.stage, email)
