"""HTTP requests to AWS and what comes back, as the protocols write and read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.core.aws.calls.bodies import Body


@dataclass
class Response:
    """One response. Names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes = b""
    stream: Body | None = None
    """In place of `body`, where the request says so."""


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
