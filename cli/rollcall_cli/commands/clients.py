"""OAuth clients: of scripts and services, and of applications that people sign in to."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rollcall_cli.api import segment
from rollcall_cli.commands import Yes, examples, group, world_of
from rollcall_cli.terminal import when

app = group("Make and look after the clients of scripts, services and applications.")

Id = Annotated[str, typer.Argument(metavar="ID", help="The client's id.")]


@app.command(
    epilog=examples(
        'clients create "Nightly import" --role admin',
        "clients create Shop --type confidential --redirect-uri https://shop.example/callback",
    )
)
def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called.")],
    kind: Annotated[
        str, typer.Option("--type", metavar="KIND", help="machine, public or confidential.")
    ] = "machine",
    role: Annotated[list[str], typer.Option(metavar="ROLE", help="A role of a machine; repeatable.")] = [],  # noqa: B006 - read only
    redirect_uri: Annotated[list[str], typer.Option(metavar="URI", help="Where answers may go; repeatable.")] = [],  # noqa: B006
    scope: Annotated[list[str], typer.Option(metavar="SCOPE", help="What it may ask for; repeatable.")] = [],  # noqa: B006
    grant_type: Annotated[list[str], typer.Option(metavar="TYPE", help="How it gets tokens; repeatable.")] = [],  # noqa: B006
    first_party: Annotated[bool, typer.Option("--first-party", help="People are not asked.")] = False,
) -> None:
    """Make a client, and show its secret once. One with the role admin wants a second factor of yours.

    A machine's id and secret, as ROLLCALL_CLIENT_ID and ROLLCALL_CLIENT_SECRET, are how scripts call this program.
    """
    world = world_of(context)
    asked: dict[str, Any] = {
        "type": kind,
        "name": name,
        "roles": role,
        "redirect_uris": redirect_uri,
        "scopes": scope,
        "grant_types": grant_type,
        "first_party": first_party,
    }
    client = world.api.post("/clients", {key: value for key, value in asked.items() if value})
    world.terminal.secret(client, roles=client["roles"])


@app.command("list", epilog=examples("clients list"))
def list_clients(context: typer.Context) -> None:
    """List every client, oldest first."""
    world = world_of(context)
    clients = list(world.api.listed("/clients"))
    world.terminal.listing(
        ("name", "type", "roles", "made", "id"),
        clients,
        lambda each: (each["name"], each["type"], each["roles"], when(each["created_at"]), each["id"]),
    )


@app.command(epilog=examples("clients rotate 01K0ZJ3V5T8N9Q2R4S6W7X8Y9Z --grace 3600"))
def rotate(
    context: typer.Context,
    client_id: Id,
    grace: Annotated[int, typer.Option(min=0, help="Seconds that the secret before it goes on.")] = 0,
) -> None:
    """Give a client a new secret, and show it once."""
    world = world_of(context)
    client = world.api.post(f"/clients/{segment(client_id)}/rotate", {"grace_seconds": grace})
    world.terminal.secret(client)


@app.command(epilog=examples("clients remove 01K0ZJ3V5T8N9Q2R4S6W7X8Y9Z"))
def remove(context: typer.Context, client_id: Id, yes: Yes = False) -> None:
    """Remove a client; its tokens end at once."""
    world = world_of(context)
    client = world.api.get(f"/clients/{segment(client_id)}")
    world.terminal.agree(f"Remove {client['name']}?", yes=yes)
    world.api.call("DELETE", f"/clients/{segment(client_id)}")
    world.terminal.say("Removed.")
