"""Signing in and out."""

from __future__ import annotations

from typing import Annotated

import typer

from rollcall_cli.api import Nobody
from rollcall_cli.commands import examples, world_of
from rollcall_cli.exits import NotSignedIn
from rollcall_cli.signing_in import sign_in, sign_in_by_mail


def register(app: typer.Typer) -> None:
    app.command(epilog=examples("login --stage prod --api https://api.example.com", "login --mail"))(login)
    app.command(epilog=examples("logout --stage prod"))(logout)
    app.command(epilog=examples("whoami", "whoami --json"))(whoami)


def login(
    context: typer.Context,
    email: Annotated[
        str, typer.Option(metavar="EMAIL", help="Your email address; asked for if it is left out.")
    ] = "",
    mail: Annotated[bool, typer.Option("--mail", help="By a mailed code, not by your password.")] = False,
) -> None:
    """Sign in, with your second factor if you have one.

    What is kept of it, with mode 0600, is a session: whatever changes something lasting asks for a proof again. Beside
    `make run` nothing is asked, and this command is not needed. Scripts do not sign in: they have a client's
    ROLLCALL_CLIENT_ID and ROLLCALL_CLIENT_SECRET in their environment.
    """
    world = world_of(context)
    terminal, person = world.terminal, world.person
    local = world.local
    if local and local.api == world.url and local.password and not (email or mail):
        sign_in(person, local.administrator, local.password)
    else:
        terminal.say(f"Signing in at {world.url}")
        kept = world.token_file.read()
        email = email or terminal.ask("Email address", default=kept.email if kept else "")
        if mail:
            sign_in_by_mail(person, email, lambda: terminal.ask(f"The short code of the mail to {email}"))
        else:
            sign_in(person, email, terminal.ask("Password", hidden=True))
    _show_me(context)


def logout(context: typer.Context) -> None:
    """Sign out: the session ends, and nothing is kept of it."""
    world = world_of(context)
    kept = world.token_file.read()
    if kept is None or kept.api != world.url:
        world.terminal.say("Nobody was signed in.")
        return
    try:
        world.api_as(_Kept(kept.access_token)).call("DELETE", "/sessions/current")
    except NotSignedIn:
        # Its token has run out: only the refresh token could tell which session to end.
        world.api_as(_Kept(world.person.renewed(kept.access_token))).call("DELETE", "/sessions/current")
    finally:
        world.token_file.remove()
    world.terminal.say("Signed out.")


class _Kept(Nobody):
    """The session that is kept, and no other in its place."""

    def __init__(self, token: str) -> None:
        self._token = token

    def token(self) -> str:
        return self._token


def whoami(context: typer.Context) -> None:
    """Show who is signed in, where, and with which roles."""
    _show_me(context)


def _show_me(context: typer.Context) -> None:
    world = world_of(context)
    if world.client and not world.terminal.json_lines:
        world.terminal.fields({"client": world.environment["ROLLCALL_CLIENT_ID"], "stage": world.stage})
        return
    me = world.api.get("/me")
    if world.terminal.json_lines:
        world.terminal.json(me)
        return
    names = ("email", "name", "roles", "id")
    world.terminal.fields({**{name: me.get(name) for name in names}, "stage": world.stage, "API": world.url})
