"""What a command works with: the stage that is meant, its API, the terminal, the checkout. Tests bring their own."""

from __future__ import annotations

import re
import subprocess
import time
import webbrowser
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from rollcall_cli import checkout, http, spans, tokens
from rollcall_cli.api import Api
from rollcall_cli.exits import Misused
from rollcall_cli.signing_in import Client, Person

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from rollcall_cli.api import Caller
    from rollcall_cli.checkout import Checkout, Local
    from rollcall_cli.http import Send
    from rollcall_cli.terminal import Terminal

LOCAL = "local"
LOCAL_API = "http://localhost:8000"
STAGE_NAME = re.compile(r"[a-z](-?[a-z0-9])*")


def edit_in_editor(path: Path, environment: Mapping[str, str]) -> None:
    """Have the person change a file, in the editor that their environment names."""
    editor = environment.get("VISUAL") or environment.get("EDITOR") or "vi"
    # It may have arguments of its own, as in `code --wait`.
    subprocess.run(["/bin/sh", "-c", f'{editor} "$1"', editor, str(path)], check=False)


@dataclass
class World:
    """`stage` and `api_url` are as they were asked for; the URL may be empty."""

    terminal: Terminal
    environment: Mapping[str, str]
    stage: str = LOCAL
    api_url: str = ""
    checkout: Checkout | None = None
    send: Send = http.send
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time
    open_browser: Callable[[str], object] = webbrowser.open
    edit: Callable[[Path, Mapping[str, str]], None] = edit_in_editor
    variables: Mapping[str, str] = field(default_factory=dict)
    """Of AWS, for the checkout's tools."""

    def __post_init__(self) -> None:
        if not STAGE_NAME.fullmatch(self.stage):
            raise Misused(f"{self.stage!r} is no name of a stage")

    @cached_property
    def local(self) -> Local | None:
        """The stage beside `make run`, where that is the one meant."""
        return self.checkout.local() if self.checkout and self.stage == LOCAL else None

    @cached_property
    def url(self) -> str:
        """Where the API is. Raises Misused where nothing says so."""
        kept = self.token_file.read()
        named = (
            self.api_url
            or self.environment.get("ROLLCALL_API", "")
            or (self.local.api if self.local else "")
            or (kept.api if kept else "")
            or (self.checkout.public_url(self.stage) if self.checkout else "")
            or (LOCAL_API if self.stage == LOCAL else "")
        )
        if not named:
            raise Misused(
                f"where is the stage {self.stage}?",
                f"name its API once: rollcall login --stage {self.stage} --api https://…",
            )
        return http.checked(named).rstrip("/")

    @cached_property
    def token_file(self) -> tokens.TokenFile:
        return tokens.TokenFile(tokens.folder(self.environment), self.stage)

    @cached_property
    def person(self) -> Person:
        """Whose tokens are kept on this machine."""
        local = self.local
        own = local is not None and local.api == self.url and bool(local.password)
        password = (local.administrator, local.password) if local is not None and own else None
        return Person(self.url, self.send, self.token_file, self.terminal, password)

    @cached_property
    def api(self) -> Api:
        """The API, called by the client that the environment names, or else by the person."""
        return self.api_as(self.client or self.person)

    @cached_property
    def client(self) -> Client | None:
        client_id = self.environment.get("ROLLCALL_CLIENT_ID", "")
        secret = self.environment.get("ROLLCALL_CLIENT_SECRET", "")
        return Client(self.url, self.send, client_id, secret) if client_id and secret else None

    def moment(self, text: str) -> str:
        """A point in time as people type it, for the API: see `spans`. Raises Misused."""
        return spans.moment(text, self.now())

    def api_as(self, caller: Caller | None) -> Api:
        return Api(self.url, self.send, caller, self.sleep)

    @property
    def tools(self) -> Checkout:
        """The checkout. Raises Misused where there is none."""
        return checkout.required(self.checkout)
