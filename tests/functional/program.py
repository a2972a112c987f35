"""The program `rollcall` in this process: its requests go to Chalice's test client, its uploads into moto's bucket, and
a person sits at its terminal."""

from __future__ import annotations

import io
import itertools
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rich.console import Console

from chalicelib.core import clock
from rollcall_cli import main
from rollcall_cli.http import Request, Response
from rollcall_cli.terminal import Terminal
from rollcall_cli.world import World
from tests import system

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from chalice.test import Client

    from rollcall_cli.checkout import Checkout
    from tests.functional.importing import StateMachines

API = "http://localhost:8000"
LONGEST = 200
"""Times that a command may wait before a test has had enough of it."""


@dataclass(frozen=True)
class Result:
    """What a call of the program came to."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The last line of the output, as JSON."""
        return json.loads(self.out.splitlines()[-1])

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Answer = str | Callable[[], str]
"""What is typed, or where it is looked up once it is asked for."""


class Person(Terminal):
    """A terminal with somebody who answers what the test says, in order."""

    def __init__(self, answers: list[Answer], columns: int, *, json_lines: bool) -> None:
        self.outputs = (io.StringIO(), io.StringIO())
        out, err = (
            Console(file=output, width=columns, highlight=False, markup=False, emoji=False)
            for output in self.outputs
        )
        super().__init__(out, err, json_lines=json_lines, interactive=bool(answers))
        self._answers = answers

    def ask(self, question: str, *, hidden: bool = False, default: str = "") -> str:
        if not self.interactive:
            return super().ask(question, hidden=hidden, default=default)
        self.err.print(question)
        answer = self._answers.pop(0)
        return (answer if isinstance(answer, str) else answer()) or default


@dataclass
class Program:
    """Calls the program. `requests` are those that it sent; `waiting` is what happens each time that it waits."""

    client: Client
    home: Path
    machines: StateMachines | None = None
    checkout: Checkout | None = None
    api: str = API
    environment: dict[str, str] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    waiting: Callable[[], object] = lambda: None
    edit: Callable[[Path], object] = lambda _: None
    elsewhere: Callable[[Request], Response] | None = None

    def run(self, *arguments: str, answers: tuple[Answer, ...] = (), columns: int = 120) -> Result:
        """Call it in a new process's stead; `answers` are typed at its terminal, and without any nobody is there."""
        json_lines = "--json" in arguments
        terminal = Person(list(answers), columns, json_lines=json_lines)
        left = LONGEST

        def wait(_: float) -> None:
            nonlocal left
            left -= 1
            assert left, "the program waits without end"
            self.waiting()

        stage = dict(itertools.pairwise(arguments)).get("--stage", "local")
        world = World(
            terminal=terminal,
            environment={"HOME": str(self.home), **self.environment},
            stage=stage,
            api_url=self.api,
            checkout=self.checkout,
            send=self.send,
            sleep=wait,
            now=clock.epoch,
            open_browser=self.opened.append,
            edit=lambda path, _: self._edited(path),
        )
        try:
            main.run(arguments, world)
        except SystemExit as exited:
            status = exited.code
        out, err = (output.getvalue() for output in terminal.outputs)
        assert isinstance(status, int), status
        return Result(status, out, err)

    def send(self, request: Request) -> Response:
        """Answer a request as the host that it goes to."""
        self.requests.append(request)
        sent = request.body or b""
        body = sent if isinstance(sent, bytes) else b"".join(sent)
        if request.url.startswith(self.api):
            answer = self.client.http.request(
                request.method, request.url.removeprefix(self.api), headers=dict(request.headers), body=body
            )
            return Response(answer.status_code, _lower(answer.headers), answer.body)
        if urlsplit(request.url).path.endswith("/hooks") and self.elsewhere:
            return self.elsewhere(request)
        return self._uploaded(body)

    def _edited(self, path: Path) -> None:
        self.edit(path)

    def _uploaded(self, form: bytes) -> Response:
        """Take a presigned POST as S3 does, and let the import run."""
        assert self.machines is not None
        fields = dict(re.findall(rb'name="([^"]+)"(?:; filename="[^"]*")?\r\n\r\n(.*?)\r\n--', form, re.DOTALL))
        key = fields[b"key"].decode()
        system.invoke("on_upload", {"Records": [self.machines.upload(fields[b"file"], key)]})
        self.machines.run_import(self.machines.waiting())
        return Response(204, {}, b"")


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def run_latest_retry(machines: StateMachines) -> None:
    """Let the retry run that was asked for last: the file of its rows is in the uploads bucket."""
    key = max(key for key in machines.aws.objects("uploads") if "/retries/" in key)
    system.invoke("on_upload", {"Records": [machines.upload(machines.aws.objects("uploads")[key], key)]})
    (planned,) = [each for each in machines.started() if each["key"] == key]
    machines.run_import(planned)
