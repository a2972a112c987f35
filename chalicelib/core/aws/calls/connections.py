"""HTTP/1.1 over connections that are kept open, for calls to AWS.

`http.client` would do; it costs five times the CPU for each call, and 9 ms of each cold start, since it reads headers
with the parser of emails. What is read here is what AWS's endpoints send: a status line, headers, and a body with a
length, in chunks, or up to the end of the connection (RFC 9112).
"""

from __future__ import annotations

import select
import socket
import ssl
from typing import TYPE_CHECKING

from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
    SSLError,
)

from chalicelib.core.aws.calls.bodies import BLOCK_BYTES, Body, BrokenOff, framed
from chalicelib.core.aws.calls.messages import Response
from chalicelib.core.aws.calls.trust import secured

if TYPE_CHECKING:
    from io import BufferedReader

    from chalicelib.core.aws.calls.endpoints import Endpoint

CONNECT_SECONDS = 2
IDLE_CONNECTIONS = 50
"""How many connections to one host are kept while nobody uses them."""

LINE_BYTES = 65_536
"""The longest status line or header that is read."""

HEADERS = 200

_idle: dict[tuple[str, int], list[Connection]] = {}
"""By host and port. A list's `append` and `pop` are atomic, so threads need no lock."""


class Connection:
    """One connection to a host, which one request at a time uses."""

    _stays = False
    """Whether the other side leaves it open after the response that was read last."""

    def __init__(self, host: str, port: int, url: str, *, is_secure: bool) -> None:
        self.where = host, port
        self.url = url
        try:
            self._socket = secured(self._connected, host) if is_secure else self._connected()
        except TimeoutError as error:
            raise ConnectTimeoutError(endpoint_url=url, error=error) from error
        except ssl.SSLError as error:
            raise SSLError(endpoint_url=url, error=error) from error
        except OSError as error:
            raise EndpointConnectionError(endpoint_url=url, error=error) from error
        self._file = self._socket.makefile("rb")

    def _connected(self) -> socket.socket:
        connected = socket.create_connection(self.where, CONNECT_SECONDS)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return connected

    def is_usable(self) -> bool:
        """Whether the other side has left the connection open, and quiet."""
        waiting = select.poll()
        waiting.register(self._socket, select.POLLIN)
        return not waiting.poll(0)

    def exchange(self, message: bytes, *, method: str, is_streamed: bool, read_seconds: int) -> Response:
        """Send a request and read the response, with at most `read_seconds` between two pieces of it.

        Raises the errors of botocore: ReadTimeoutError, SSLError, and ConnectionClosedError where the response breaks
        off.
        """
        try:
            self._socket.settimeout(read_seconds)
            self._socket.sendall(message)
            status, headers = _read_head(self._file)
            pieces = framed(self._file, status, headers, method)
            self._stays = pieces is not None and headers.get("connection", "").lower() != "close"
            if pieces is None:
                pieces = iter(lambda: self._file.read(BLOCK_BYTES), b"")
            if is_streamed and status < 300:
                length = headers.get("content-length")
                return Response(status, headers, stream=Body(pieces, self, int(length) if length else None))
            response = Response(status, headers, b"".join(pieces))
        except TimeoutError as error:
            self.close()
            raise ReadTimeoutError(endpoint_url=self.url, error=error) from error
        except ssl.SSLError as error:
            self.close()
            raise SSLError(endpoint_url=self.url, error=error) from error
        except (OSError, BrokenOff) as error:
            self.close()
            raise ConnectionClosedError(endpoint_url=self.url, error=error) from error
        except BaseException:
            self.close()
            raise
        self.release()
        return response

    def release(self) -> None:
        """Keep the connection for another request, unless the other side closes it, or enough are kept."""
        idle = _idle.setdefault(self.where, [])
        if self._stays and len(idle) < IDLE_CONNECTIONS:
            idle.append(self)
        else:
            self.close()

    def close(self) -> None:
        self._file.close()
        self._socket.close()


def connection(endpoint: Endpoint, authority: str) -> Connection:
    """A connection to the host of that `Host` header: one that is kept, or a new one.

    Raises the errors of botocore: ConnectTimeoutError, EndpointConnectionError, SSLError.
    """
    host = authority.removesuffix(f":{endpoint.port}")
    idle = _idle.get((host, endpoint.port))
    while idle:
        try:
            kept = idle.pop()
        except IndexError:  # another thread was faster
            break
        if kept.is_usable():
            return kept
        kept.close()
    url = f"http{'s' if endpoint.is_secure else ''}://{authority}"
    return Connection(host.strip("[]"), endpoint.port, url, is_secure=endpoint.is_secure)


def close_idle() -> None:
    """Close what nobody uses: before a process is frozen into a snapshot, and at the end of tests."""
    for idle in list(_idle.values()):
        while idle:
            idle.pop().close()


def _read_head(file: BufferedReader) -> tuple[int, dict[str, str]]:
    """The status and headers of the final response; informational ones (100 Continue) are passed over."""
    while True:
        status = _status(_line(file))
        headers: dict[str, str] = {}
        for _ in range(HEADERS):
            line = _line(file)
            if not line:
                break
            name, separator, value = line.partition(":")
            if not separator:
                raise BrokenOff("no header")
            name, value = name.lower(), value.strip()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        else:
            raise BrokenOff("too many headers")
        if status >= 200:
            return status, headers


def _line(file: BufferedReader) -> str:
    line = file.readline(LINE_BYTES)
    if not line.endswith(b"\n"):
        raise BrokenOff("no response" if not line else "a line that does not end")
    return line.decode("latin-1").rstrip("\r\n")


def _status(line: str) -> int:
    version, _, rest = line.partition(" ")
    if not version.startswith("HTTP/1.") or not rest[:3].isdecimal():
        raise BrokenOff("not HTTP")
    return int(rest[:3])
