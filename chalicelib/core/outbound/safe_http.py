"""One request to a URL that somebody else chose, which must not lead into our own network.

The name is resolved once, every IP address is checked (`ip_addresses`), and the connection goes to an IP address that
was checked, with SNI, certificate check and `Host` for the name. There are no redirects and no proxies, one deadline
covers everything from resolving to the last byte, and no more is read than whoever asks can use.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from chalicelib.core.outbound.targets import Unreachable, checked, system_resolver

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalicelib.core.outbound.targets import Target

TIMEOUT_SECONDS = 15
"""For the whole exchange: the standard recommends 15 to 30. Only the system's resolver, whose own time-out is about
10 seconds, cannot be interrupted; what it takes is taken off the rest."""

BODY_SECONDS = 1
"""How long `post` waits for the answer's body once its status is known: the body is only logged."""

KEPT_BYTES = 1024
"""Of an answer's body, by `post`."""

HEADER_BYTES = 15 * 1024
"""Of an answer before its body, and of what frames the body."""

FETCH_SECONDS = 5
"""For the whole exchange of `fetch`: a person waits for it."""


@dataclass(frozen=True)
class Answer:
    """What came back. `headers` finds a header in any case of its letters."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def retry_after(self) -> str | None:
        """`Retry-After` as it was sent."""
        return str(self.headers["Retry-After"]) if "Retry-After" in self.headers else None


@dataclass(frozen=True)
class Request:
    """What is sent."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None


@dataclass(frozen=True)
class Reading:
    """How an answer's body is read: at most so many bytes, for at most so many seconds after its status (None: until
    the deadline). A `whole` body is an error where it is longer, or does not arrive; of any other its first bytes
    count."""

    limit: int
    seconds: float | None = None
    whole: bool = False


FIRST_BYTES = Reading(KEPT_BYTES, BODY_SECONDS)


def post(
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    local: bool,
    resolve: Callable[[str, int], list[str]] = system_resolver,
    tls: ssl.SSLContext | None = None,
    seconds: float = TIMEOUT_SECONDS,
) -> Answer:
    """POST a body and return the answer, whatever its status, with the first KEPT_BYTES of its body. Raises Unreachable
    where there is no answer in time."""
    request = Request("POST", url, headers, body)
    return exchange(request, FIRST_BYTES, local=local, resolve=resolve, tls=tls, seconds=seconds)


def fetch(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None = None,
    *,
    limit: int,
    local: bool,
    resolve: Callable[[str, int], list[str]] = system_resolver,
    tls: ssl.SSLContext | None = None,
    seconds: float = FETCH_SECONDS,
) -> Answer:
    """Send a request and return the answer, whatever its status, with its whole body. Raises Unreachable where there is
    no answer in time, or its body is above `limit` bytes."""
    request = Request(method, url, headers, body)
    return exchange(request, Reading(limit, whole=True), local=local, resolve=resolve, tls=tls, seconds=seconds)


def exchange(
    request: Request,
    reading: Reading,
    *,
    local: bool,
    resolve: Callable[[str, int], list[str]],
    tls: ssl.SSLContext | None,
    seconds: float,
) -> Answer:
    """Send a request and read the answer. Raises Unreachable."""
    deadline = _Deadline(seconds)
    target = checked(request.url, local=local, resolve=resolve)
    try:
        with _connect(target, deadline, tls) as connection:
            return _exchange(target, _Channel(connection, deadline, reading), request, reading)
    except TimeoutError as error:
        raise Unreachable("timed out") from error
    except ssl.SSLError as error:
        raise Unreachable("no trusted TLS connection") from error
    except OSError as error:
        raise Unreachable("the connection failed") from error
    except (http.client.HTTPException, ValueError) as error:
        # http.client takes most of what is no HTTP for a ValueError of its own kind, and some for a plain one.
        raise Unreachable("the answer is not HTTP") from error


def _exchange(target: Target, channel: _Channel, request: Request, reading: Reading) -> Answer:
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.default_port = 443 if target.secure else 80  # what `Host` leaves out
    connection.auto_open = 0
    connection.sock = channel
    try:
        connection.request(request.method, target.path, request.body, {**request.headers, "Connection": "close"})
        response = connection.getresponse()
        if reading.seconds is not None:
            channel.deadline.shorten(reading.seconds)
        body = _whole(response, reading.limit) if reading.whole else _first_bytes(response, reading.limit)
        return Answer(response.status, response.headers, body)
    finally:
        connection.close()


def _whole(response: http.client.HTTPResponse, limit: int) -> bytes:
    """The body, with `limit` bytes at most. Raises Unreachable where it is longer, and what `http.client` raises where
    it ends early."""
    body = response.read(limit + 1)
    if len(body) > limit:
        raise Unreachable(f"the answer is above {limit:,} bytes")
    if response.length:  # of those that it announced: `read` tells nothing of a body that ends early
        raise http.client.IncompleteRead(body, response.length)
    return body


def _first_bytes(response: http.client.HTTPResponse, limit: int) -> bytes:
    first = b""
    try:
        while len(first) < limit and (part := response.read1(limit - len(first))):
            first += part
    except (OSError, http.client.HTTPException, ValueError):
        pass  # what came before counts
    return first[:limit]  # a chunk of negative size is read whole


def _connect(target: Target, deadline: _Deadline, tls: ssl.SSLContext | None) -> socket.socket:
    """Connect to the first of the checked IP addresses that accepts. Each gets an equal part of the time left."""
    untried = list(target.ip_addresses)
    while True:
        ip_address = untried.pop(0)
        try:
            connection = socket.create_connection((ip_address, target.port), deadline.left() / (len(untried) + 1))
            break
        except OSError:
            if not untried:
                raise
    if not target.secure:
        return connection
    try:
        connection.settimeout(deadline.left())
        return (tls or _default_tls()).wrap_socket(connection, server_hostname=target.host)
    except BaseException:
        connection.close()
        raise


@cache
def _default_tls() -> ssl.SSLContext:
    return ssl.create_default_context()


class _Deadline:
    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left. Raises TimeoutError where there are none."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds

    def shorten(self, seconds: float) -> None:
        self._end = min(self._end, time.monotonic() + seconds)


class _Channel:
    """A socket as `http.client` uses one, which holds every wait to the deadline.

    A time-out of the socket's own would begin anew with every byte that a slow peer sends.
    """

    def __init__(self, connection: socket.socket, deadline: _Deadline, reading: Reading) -> None:
        self._socket = connection
        self._reading = reading
        self.deadline = deadline

    def sendall(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            self._socket.settimeout(self.deadline.left())
            rest = rest[self._socket.send(rest) :]

    def makefile(self, mode: str) -> io.BufferedReader:  # noqa: ARG002 - http.client always reads bytes
        return io.BufferedReader(_Incoming(self._socket, self.deadline, self._reading))

    def close(self) -> None:
        """Do nothing: `exchange` closes the socket. `http.client` would close it before the body is read."""


class _Incoming(io.RawIOBase):
    """What a socket receives until the deadline, as far as the headers and the body may be long. There it ends, which
    is an error of an answer that is wanted whole."""

    def __init__(self, connection: socket.socket, deadline: _Deadline, reading: Reading) -> None:
        self._socket = connection
        self._deadline = deadline
        self._allowed = HEADER_BYTES + reading.limit
        self._whole = reading.whole

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._allowed:
            if self._whole:
                raise ValueError("there is more")
            return 0
        self._socket.settimeout(self._deadline.left())
        count = self._socket.recv_into(memoryview(buffer)[: self._allowed])
        self._allowed -= count
        return count
