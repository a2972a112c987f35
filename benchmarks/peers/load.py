"""So many requests at once, over connections that stay open: each reply is checked, and how long it took is kept."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

REPLY_SECONDS = 60.0
"""A reply that is not there by then is wrong."""
END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True)
class Reply:
    """What came back. Names of headers are in small letters; of several alike, one is kept."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """What the body says. Raises ValueError where it is no JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Call:
    """A request, and what its reply must be."""

    method: str
    path: str
    status: int
    right: Callable[[Any], bool]
    """Whether the body, read as JSON, is the right one."""
    fields: Mapping[str, Any] | None = None
    """The body, sent as JSON unless `form` says otherwise."""
    form: str = ""
    """The body as a form, already encoded."""
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self, host: str) -> bytes:
        """The request as it is sent."""
        body = (
            self.form.encode() if self.form else b"" if self.fields is None else json.dumps(self.fields).encode()
        )
        kind = "application/x-www-form-urlencoded" if self.form else "application/json"
        headers = {"Host": host, "User-Agent": "rollcall-benchmark", "Accept": "application/json", **self.headers}
        if self.method != "GET":
            headers |= {"Content-Type": kind, "Content-Length": str(len(body))}
        lines = [f"{self.method} {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body

    def fault(self, reply: Reply) -> str:
        """What is wrong with a reply, or nothing."""
        if reply.status == self.status:
            with suppress(ValueError, KeyError, TypeError):
                if self.right(reply.json()):
                    return ""
        return f"{self.method} {self.path}: {reply.status} {reply.body[:200].decode('utf-8', 'replace')}"


class Connection:
    """A connection to a port of loopback, opened again after the server closed it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open it, unless it is. Raises OSError."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        return self._streams

    async def ask(self, call: Call) -> Reply:
        """The reply to a request. Raises OSError, EOFError or TimeoutError where there is none."""
        async with asyncio.timeout(REPLY_SECONDS):
            reader, writer = await self.open()
            try:
                writer.write(call.encoded(f"127.0.0.1:{self._port}"))
                reply = await _read(reader)
            except BaseException:
                await self.close()
                raise
            if reply.headers.get("connection", "").lower() == "close":
                await self.close()
            return reply

    async def close(self) -> None:
        if self._streams is not None:
            _, writer = self._streams
            self._streams = None
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


async def _read(reader: asyncio.StreamReader) -> Reply:
    head = (await reader.readuntil(END_OF_HEAD)).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = await _read_chunks(reader)
    else:
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Reply(int(first.split(" ")[1]), headers, body)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    chunks = []
    while True:
        size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
        chunks.append((await reader.readexactly(size + 2))[:-2])
        if not size:
            return b"".join(chunks)


@dataclass
class Observed:
    """What came of a load."""

    times: list[float] = field(default_factory=list)
    """Seconds that each right reply took."""
    wrong: Counter[str] = field(default_factory=Counter)
    """What was wrong with the others, and how often."""
    seconds: float = 0.0
    """From the first request to the last reply."""

    @property
    def replies(self) -> int:
        return len(self.times) + self.wrong.total()


def observe(port: int, clients: Sequence[Iterator[Call]], seconds: float) -> Observed:
    """Let each client send its calls one after the other, on a connection of its own, until the time is over.

    Calls that were sent by then are waited for, so that every request of the server's is in the figures.
    """
    return asyncio.run(_observe(port, clients, seconds))


async def _observe(port: int, clients: Sequence[Iterator[Call]], seconds: float) -> Observed:
    found = Observed()
    connections = [Connection(port) for _ in clients]
    for connection in connections:  # one by one: `chalice local` queues five, and loses what comes beside them
        with suppress(OSError):
            await connection.open()
    started = time.perf_counter()
    end = started + seconds
    await asyncio.gather(
        *(_send(connection, calls, end, found) for connection, calls in zip(connections, clients, strict=True))
    )
    found.seconds = time.perf_counter() - started
    return found


async def _send(connection: Connection, calls: Iterator[Call], end: float, found: Observed) -> None:
    for call in calls:
        sent = time.perf_counter()
        if sent >= end:
            break
        try:
            fault = call.fault(await connection.ask(call))
        except (OSError, EOFError, TimeoutError) as problem:
            fault = f"{call.method} {call.path}: {type(problem).__name__}"
        if fault:
            found.wrong[fault] += 1
        else:
            found.times.append(time.perf_counter() - sent)
    await connection.close()


def ask(port: int, call: Call) -> Reply:
    """One request on a connection of its own. Raises RuntimeError where the reply is not what it must be."""

    async def once() -> Reply:
        connection = Connection(port)
        try:
            return await connection.ask(call)
        finally:
            await connection.close()

    reply = asyncio.run(once())
    if fault := call.fault(reply):
        raise RuntimeError(fault)
    return reply
