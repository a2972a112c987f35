"""One POST to a URL that somebody else chose, which must not lead into our own network.

The name is resolved once, every IP address is checked (`ip_addresses`), and the connection goes to an IP address that
was checked, with SNI, certificate check and `Host` for the name. There are no redirects and no proxies, one deadline
covers everything from resolving to the last byte, and little is read.
"""

from __future__ import annotations

import http.client
import io
import re
import socket
import ssl
import time
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chalicelib.core.errors import RollcallError
from chalicelib.webhooks.ip_addresses import denied

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TIMEOUT_SECONDS = 15
"""For the whole exchange: the standard recommends 15 to 30. Only the system's resolver, whose own time-out is about
10 seconds, cannot be interrupted; what it takes is taken off the rest."""

BODY_SECONDS = 1
"""How long to wait for the answer's body once its status is known: the body is only logged."""

READ_BYTES = 16 * 1024
"""Of an answer, headers included."""

KEPT_BYTES = 1024
"""Of an answer's body."""

_HOST = re.compile(r"[A-Za-z0-9_.-]{1,253}|[0-9A-Fa-f:.]{2,45}")


class Unreachable(RollcallError):
    """No answer came, or the IP address must not be reached. `detail` says why, and may be logged."""

    status = 502
    title = "Not reachable"


@dataclass(frozen=True)
class Answer:
    """What came back: the body's first bytes, and `Retry-After` as it was sent."""

    status: int
    body: bytes
    retry_after: str | None


@dataclass(frozen=True)
class Target:
    """The parts of a URL: where to connect, and the path to request there."""

    secure: bool
    host: str
    port: int
    path: str
    ip_addresses: tuple[str, ...]


def system_resolver(host: str, port: int) -> list[str]:
    """The IP addresses of a host, by the system's resolver."""
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


def checked(url: str, *, local: bool, resolve: Callable[[str, int], list[str]] = system_resolver) -> Target:
    """Where a URL leads. Raises Unreachable for one that leads, or may lead, anywhere but to the public Internet.

    `local` allows http and loopback too, for a stage on a developer's own computer.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise Unreachable("this is no URL") from error
    if not url.isascii() or any(character <= " " or character == "\x7f" for character in url):
        raise Unreachable("a URL has ASCII characters only, and no spaces")
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise Unreachable("the URL must begin with https://")
    if not _HOST.fullmatch(host) or ("[" in parts.netloc) != (":" in host) or port == 0:
        raise Unreachable("the URL names no host")
    if "@" in parts.netloc or parts.fragment or "\\" in url:
        raise Unreachable("the URL must hold no user name, password, fragment or backslash")
    secure = parts.scheme == "https"
    port = port or (443 if secure else 80)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(secure, host, port, path, _allowed_ip_addresses(host, port, local, resolve))


def _allowed_ip_addresses(
    host: str, port: int, local: bool, resolve: Callable[[str, int], list[str]]
) -> tuple[str, ...]:
    try:
        ip_addresses = resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise Unreachable("the host's name does not resolve") from error
    if not ip_addresses:
        raise Unreachable("the host's name does not resolve")
    for ip_address in ip_addresses:
        if reason := denied(ip_address, allow_loopback=local):
            raise Unreachable(f"the host has an address that webhooks must not reach ({reason})")
    return tuple(ip_addresses)


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
    """POST a body and return the answer, whatever its status. Raises Unreachable where there is none in time."""
    deadline = _Deadline(seconds)
    target = checked(url, local=local, resolve=resolve)
    try:
        with _connect(target, deadline, tls) as connection:
            return _exchange(target, _Channel(connection, deadline), headers, body)
    except TimeoutError as error:
        raise Unreachable("timed out") from error
    except ssl.SSLError as error:
        raise Unreachable("no trusted TLS connection") from error
    except OSError as error:
        raise Unreachable("the connection failed") from error
    except (http.client.HTTPException, ValueError) as error:
        # http.client takes most of what is no HTTP for a ValueError of its own kind, and some for a plain one.
        raise Unreachable("the answer is not HTTP") from error


def _exchange(target: Target, channel: _Channel, headers: Mapping[str, str], body: bytes) -> Answer:
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.default_port = 443 if target.secure else 80  # what `Host` leaves out
    connection.auto_open = 0
    connection.sock = channel
    try:
        connection.request("POST", target.path, body, {**headers, "Connection": "close"})
        response = connection.getresponse()
        channel.deadline.shorten(BODY_SECONDS)
        return Answer(response.status, _first_bytes(response), response.headers.get("Retry-After"))
    finally:
        connection.close()


def _first_bytes(response: http.client.HTTPResponse) -> bytes:
    first = b""
    try:
        while len(first) < KEPT_BYTES and (part := response.read1(KEPT_BYTES - len(first))):
            first += part
    except (OSError, http.client.HTTPException, ValueError):
        pass  # what came before counts
    return first[:KEPT_BYTES]  # a chunk of negative size is read whole


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

    def __init__(self, connection: socket.socket, deadline: _Deadline) -> None:
        self._socket = connection
        self.deadline = deadline

    def sendall(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            self._socket.settimeout(self.deadline.left())
            rest = rest[self._socket.send(rest) :]

    def makefile(self, mode: str) -> io.BufferedReader:  # noqa: ARG002 - http.client always reads bytes
        return io.BufferedReader(_Incoming(self._socket, self.deadline))

    def close(self) -> None:
        """Do nothing: `post` closes the socket. `http.client` would close it before the body is read."""


class _Incoming(io.RawIOBase):
    """What a socket receives until the deadline, and READ_BYTES of it at most."""

    def __init__(self, connection: socket.socket, deadline: _Deadline) -> None:
        self._socket = connection
        self._deadline = deadline
        self._allowed = READ_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._allowed:
            return 0
        self._socket.settimeout(self._deadline.left())
        count = self._socket.recv_into(memoryview(buffer)[: self._allowed])
        self._allowed -= count
        return count
