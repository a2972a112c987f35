"""A server that answers each request as a script says: also wrongly, late, or not at all."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from io import BufferedReader
    from pathlib import Path


@dataclass
class Step:
    """What the server does with one request."""

    status: int = 200
    body: bytes = b"{}"
    headers: tuple[tuple[str, str], ...] = ()
    sent: int | None = None
    """How many bytes of the body are sent before the connection is closed; None for all, and it stays open."""
    is_chunked: bool = False
    has_length: bool = True
    answers: bool = True
    """Whether it answers at all, before it closes the connection."""
    waits: bool = False
    """Whether it waits until the client has gone away."""
    resets: bool = False
    """Whether it resets the connection, without an answer."""
    closes_quietly: bool = False
    """Whether it closes the connection after an answer that did not say so."""
    continues: bool = False
    """Whether `100 Continue` comes first."""


@dataclass
class Server:
    """`requests` are the heads and bodies as they came."""

    port: int
    requests: list[tuple[str, bytes]] = field(default_factory=list)
    connections: int = 0
    closed: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    """Released for each connection that the server has closed."""

    @property
    def targets(self) -> list[str]:
        return [head.splitlines()[0] for head, _ in self.requests]


@contextmanager
def serving(*script: Step, certificate: Path | None = None) -> Iterator[Server]:
    """A server for as long as the block runs, on loopback. Each step answers one request; the last one all others.
    With a certificate (and its key) it speaks TLS."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = Server(listening.getsockname()[1])
    steps, left, open_ones = list(script), threading.Lock(), set[socket.socket]()

    def next_step() -> Step:
        with left:
            return steps.pop(0) if len(steps) > 1 else steps[0]

    def accept() -> None:
        while True:
            try:
                peer, _ = listening.accept()
            except OSError:
                return
            server.connections += 1
            open_ones.add(peer)
            threading.Thread(target=_converse, args=(peer, server, next_step, certificate), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        for peer in open_ones:
            peer.close()


def _converse(
    peer: socket.socket, server: Server, next_step: Callable[[], Step], certificate: Path | None
) -> None:
    with suppress(OSError), _secured(peer, certificate) as peer, peer.makefile("rb") as incoming:
        while (request := _request(incoming)) is not None:
            server.requests.append(request)
            if not _answer(peer, incoming, next_step(), request[0].startswith("HEAD ")):
                break
    server.closed.release()


def _secured(peer: socket.socket, certificate: Path | None) -> socket.socket:
    if certificate is None:
        return peer
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with peer:
        return context.wrap_socket(peer, server_side=True)


def _request(incoming: BufferedReader) -> tuple[str, bytes] | None:
    lines, length = [], 0
    while (line := incoming.readline().decode("latin-1")) not in {"\r\n", ""}:
        lines.append(line.rstrip())
        if line.lower().startswith("content-length:"):
            length = int(line.partition(":")[2])
    return ("\n".join(lines), incoming.read(length)) if lines else None


def _answer(peer: socket.socket, incoming: BufferedReader, step: Step, is_head: bool) -> bool:
    """Whether the connection stays open."""
    if step.waits:
        incoming.read(1)
    if step.resets:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    if step.waits or step.resets or not step.answers:
        return False
    if step.continues:
        peer.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    headers = list(step.headers)
    if step.is_chunked:
        headers.append(("Transfer-Encoding", "chunked"))
    elif step.has_length:
        headers.append(("Content-Length", str(len(step.body))))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    body = b"" if is_head else _chunked(step.body) if step.is_chunked else step.body
    peer.sendall(f"HTTP/1.1 {step.status} Told\r\n{lines}\r\n".encode() + body[: step.sent])
    return step.sent is None and step.has_length and not step.closes_quietly


def _chunked(body: bytes) -> bytes:
    pieces = [body[start : start + 7] for start in range(0, len(body), 7)]
    return b"".join(b"%x;a=b\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\nx-trailer: a\r\n\r\n"
