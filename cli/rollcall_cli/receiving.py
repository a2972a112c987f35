"""A receiver of webhooks on this machine: verifies each delivery, hands it on, and answers."""

from __future__ import annotations

import queue
import re
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from rollcall_cli import signatures
from rollcall_cli.exits import Misused, Unreachable
from rollcall_cli.http import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rollcall_cli.http import Send

LOOPBACK = "127.0.0.1"
STOP_SECONDS = 0.05
"""How long stopping to listen takes at most."""
LARGEST = 2 * 1024**2
"""Bytes of a delivery: events have 256 KiB at most."""

ANSWER_BYTES = 1024

PASSED_ON = ("content-type", "user-agent", "webhook-id", "webhook-timestamp", "webhook-signature")
"""Headers that a forwarded delivery keeps, so that the next receiver can verify it too."""


@dataclass(frozen=True)
class Received:
    """A delivery, and what was answered to it: `problem` says why it was refused or could not be handed on. Of what is
    not signed `body` is empty: any program or page on this machine may have sent it."""

    body: bytes
    headers: dict[str, str]
    status: int
    milliseconds: int
    problem: str = ""


@dataclass(frozen=True)
class Answering:
    """How deliveries are answered: by the receiver at `forward`, or with `status`."""

    send: Send
    forward: str = ""
    status: int = 204

    def answer(self, headers: dict[str, str], body: bytes) -> tuple[int, bytes, str]:
        """Status and body of the answer, and what went wrong, if something did."""
        if not self.forward:
            return self.status, b"", ""
        passed = {name: headers[name] for name in PASSED_ON if name in headers}
        try:
            response = self.send(Request("POST", self.forward, passed, body))
        except Unreachable as error:
            return 502, b"", error.message
        return response.status, response.body[:ANSWER_BYTES], ""


class Receiver:
    """Listens while `open`. `secret` is set once it is there: deliveries before that are refused, and come again."""

    def __init__(self, answering: Answering, now: Callable[[], float]) -> None:
        self.secret = ""
        self.port = 0
        self._answering, self._now = answering, now
        self._received: queue.Queue[Received] = queue.Queue()

    def take(self) -> Received | None:
        """The next delivery; None where none has come."""
        try:
            return self._received.get_nowait()
        except queue.Empty:
            return None

    def handle(self, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """Verify a delivery, and the answer to it."""
        started = time.monotonic()
        if not self.secret:
            return 503, b""
        problem = signatures.problem_with(self.secret, headers, body, self._now())
        if problem:
            status, content, body = 401, b"", b""
        else:
            status, content, problem = self._answering.answer(headers, body)
        milliseconds = round((time.monotonic() - started) * 1000)
        self._received.put(Received(body, headers, status, milliseconds, problem))
        return status, content


@contextmanager
def listening(receiver: Receiver, port: int) -> Iterator[None]:
    """Listen on a port of loopback while the block runs; on a free one where it is 0. Raises Misused where it is
    taken."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "0")
            if not re.fullmatch("[0-9]{1,10}", length):
                self.send_error(400)
                return
            if int(length) > LARGEST:
                self.send_error(413)
                return
            body = self.rfile.read(int(length))
            status, content = receiver.handle({name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Print nothing: the command says what came."""

    try:
        server = ThreadingHTTPServer((LOOPBACK, port), Handler)
    except OSError as error:
        raise Misused(f"port {port} is taken ({error.strerror})", "choose another one: --port") from error
    receiver.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(STOP_SECONDS,), daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
