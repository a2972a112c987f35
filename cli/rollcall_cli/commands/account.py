"""What opens in a browser: the pages of a stage, and the mailbox of the local one."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from rollcall_cli.commands import examples, group, world_of
from rollcall_cli.exits import Misused
from rollcall_cli.http import Request, origin


class Page(StrEnum):
    CONSOLE = "console"
    ACCOUNT = "account"
    DOCS = "docs"


mail = group("The mailbox of the local stage.")


def register(app: typer.Typer) -> None:
    app.command("open", epilog=examples("open console", "open docs --stage dev"))(open_page)
    app.add_typer(mail, name="mail")


def open_page(context: typer.Context, page: Annotated[Page, typer.Argument(help="Which page.")]) -> None:
    """Open a page of the stage in a browser: the console, one's own account, or the documentation."""
    world = world_of(context)
    url = f"{world.url}/{page.value}"
    world.terminal.line(url)
    world.open_browser(url)


@mail.command("open", epilog=examples("mail open"))
def open_mailbox(context: typer.Context) -> None:
    """Open the mailbox of the local stage in a browser: every mail that it sent."""
    url = f"{_mailbox(context)}/"
    world_of(context).terminal.line(url)
    world_of(context).open_browser(url)


@mail.command(epilog=examples("mail latest ada@example.com"))
def latest(
    context: typer.Context, to: Annotated[str, typer.Argument(help="The address that it went to.")] = ""
) -> None:
    """Print the newest mail to an address, waiting up to a minute for one."""
    from urllib.parse import urlencode

    from rollcall_cli.exits import NotFound

    world = world_of(context)
    response = world.send(Request("GET", f"{_mailbox(context)}/latest?{urlencode({'to': to})}"))
    if response.status != 200:
        raise NotFound(f"no mail to {to}")
    text = response.body.decode("utf-8", "replace")
    world.terminal.json({"to": to, "text": text}) if world.terminal.json_lines else world.terminal.line(text)


def _mailbox(context: typer.Context) -> str:
    """Where the mailbox is. Raises Misused where no local stage runs."""
    local = world_of(context).local
    if local is None:
        raise Misused("the mailbox is one of the local stage, and none runs", "rollcall up")
    return origin(local.mailbox)
