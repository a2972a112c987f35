"""Who acts, and in which request: carried from HTTP into every write, and from the written record onward."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Context:
    """`request_id` is the `X-Request-Id` of the first request; `actor` the id of the acting person or OAuth client;
    `traceparent` the trace that the work belongs to (`core.http.trace_context`)."""

    request_id: str = ""
    actor: str = ""
    traceparent: str = ""


def from_document(document: Mapping[str, Any]) -> Context:
    """The context in a message's document. Its other members are ignored, and longer values are cut, so that no message
    makes a record larger than DynamoDB accepts."""
    members = (document.get(name) for name in ("request_id", "actor", "traceparent"))
    return Context(*(value[:LENGTH] if isinstance(value, str) and value.isascii() else "" for value in members))


LENGTH = 200
"""The most characters of a value: a user id has at most 128."""

_NO_CONTEXT = Context()
_current: ContextVar[Context] = ContextVar("rollcall_context", default=_NO_CONTEXT)


def current() -> Context:
    """The context of the current work; empty where there is none."""
    return _current.get()


def working_for(request_id: str = "", actor: str = "", traceparent: str = "") -> Work:
    """Do the block's work in the name of this request and actor, as a part of this trace."""
    return Work(Context(request_id, actor, traceparent))


class Work:
    """A block of work. Each request has one or two, for which a generator would take three times as long."""

    __slots__ = ("_context", "_token")

    def __init__(self, context: Context) -> None:
        self._context = context

    def __enter__(self) -> None:
        self._token = _current.set(self._context)

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)
