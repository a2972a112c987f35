"""One HTTP request and its response, by the standard library. No redirect is followed: whoever asks decides where a
token may go."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rollcall_cli.exits import Failure, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

TIMEOUT_SECONDS = 60
"""API Gateway ends a request after 29 s; an upload may take longer between two of its parts."""

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
PART_BYTES = 1 << 16


@dataclass(frozen=True)
class Request:
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Iterable[bytes] | None = None


@dataclass(frozen=True)
class Response:
    """`headers` are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body's JSON value; None where it is none."""
        try:
            return json.loads(self.body) if self.body else None
        except ValueError:
            return None


Send = Callable[[Request], Response]


class _Unfollowed(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_Unfollowed)
_OF_THIS_MACHINE = urllib.request.build_opener(_Unfollowed, urllib.request.ProxyHandler({}))
"""No proxy: what goes in clear, because it does not leave the machine, would go to that one."""


def _opener(url: str) -> urllib.request.OpenerDirector:
    return _OF_THIS_MACHINE if is_loopback(url) else _OPENER


def send(request: Request) -> Response:
    """Send a request. Raises Unreachable where no response comes."""
    prepared = urllib.request.Request(
        checked(request.url), data=request.body, headers=dict(request.headers), method=request.method
    )
    try:
        with _opener(request.url).open(prepared, timeout=TIMEOUT_SECONDS) as response:
            return _response(response.status, response.headers, response.read())
    except urllib.error.HTTPError as error:
        with error:
            return _response(error.code, error.headers, error.read())
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"no answer from {origin(request.url)}: {getattr(error, 'reason', error)}") from error


def download(url: str, target: Path) -> int:
    """Write what is at a URL into a file, of which only its owner can read; its size. The file is there when it is
    whole. Raises Unreachable where it does not come."""
    unfinished = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with (
            _opener(url).open(checked(url), timeout=TIMEOUT_SECONDS) as response,
            open(unfinished, "xb", opener=private) as file,
        ):
            shutil.copyfileobj(response, file)
        unfinished.replace(target)
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"{target.name} could not be fetched: {error}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return target.stat().st_size


def private(path: str, flags: int) -> int:
    """Open a file that only its owner may read and write."""
    return os.open(path, flags, 0o600)


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in LOOPBACK


def checked(url: str) -> str:
    """The URL. Raises Failure where tokens and people's data would travel in clear: http is for this machine alone."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return url
    if parts.scheme == "http" and is_loopback(url):
        return url
    raise Failure(f"{origin(url)} is not https", "http is for addresses of this machine alone")


def multipart(
    fields: Mapping[str, str], file: IO[bytes], size: int, sent: Callable[[int], object]
) -> tuple[dict[str, str], Iterator[bytes]]:
    """The headers and the body of a form with a file behind its fields, as S3's presigned POST takes it. `sent` hears
    how many bytes of the file have gone."""
    boundary = secrets.token_hex(16)
    head = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    head += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="file"\r\n\r\n'
    tail = f"\r\n--{boundary}--\r\n".encode()

    def body() -> Iterator[bytes]:
        yield head.encode()
        gone = 0
        while part := file.read(PART_BYTES):
            yield part
            gone += len(part)
            sent(gone)
        yield tail

    length = len(head.encode()) + size + len(tail)
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Content-Length": str(length)}
    return headers, body()


def _response(status: int, headers: Any, body: bytes) -> Response:
    return Response(status, {name.lower(): value for name, value in headers.items()}, body)
