"""HTTP requests to AWS and what comes back, as the protocols write and read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.core.aws.calls.bodies import Body


_PHRASES = {status.value: status.phrase for status in HTTPStatus}


@dataclass
class Response:
    """One response. Names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes = b""
    stream: Body | None = None
    """In place of `body`, where the request says so."""


def is_generic(response: Response) -> bool:
    """Whether an error is not the service's own: something between has answered."""
    body = response.body.strip()
    return response.status >= 500 and (not body or body.startswith(b"<html>"))


def generic_refusal(response: Response) -> dict[str, Any]:
    """An error of which there is nothing but the status, as botocore has it."""
    phrase = _PHRASES.get(response.status, "")
    return {"Error": {"Code": str(response.status), "Message": phrase}}


@dataclass
class Request:
    """One request, before it has a host and a signature."""

    read: Callable[[Response], dict[str, Any]]
    """Reads the result from a good response. Raises ValueError where that is none."""
    headers: dict[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes = b""
    method: str = "POST"
    path: str = "/"
    """Percent-encoded."""
    query: str = ""
    """Percent-encoded and sorted by name, as it is signed."""
    bucket: str = ""
    """Of S3: in the host, or before the path."""
    is_streamed: bool = False
    """Whether the body of a good response is read by whoever asked."""
