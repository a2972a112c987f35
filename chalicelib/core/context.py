"""Who asked, and in which request: carried from HTTP into every write, and from the write's record onward."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class Context:
    """`request_id` is the `X-Request-Id` that began it; `actor` the id of the acting person or client; `traceparent`
    the trace that it belongs to (`core.http.trace_context`)."""

    request_id: str = ""
    actor: str = ""
    traceparent: str = ""


def told(document: Mapping[str, Any]) -> Context:
    """What a message's document says of that: whatever else it says is left out, and what is longer than ours is cut,
    so that no message makes a record larger than a table takes."""
    said = (document.get(name) for name in ("request_id", "actor", "traceparent"))
    return Context(*(value[:LENGTH] if isinstance(value, str) and value.isascii() else "" for value in said))


LENGTH = 200
"""Characters: a person's id has 128."""

_NOBODY = Context()
_current: ContextVar[Context] = ContextVar("rollcall_context", default=_NOBODY)


def current() -> Context:
    """What is known of the work in hand; empty outside any."""
    return _current.get()


@contextmanager
def working_for(request_id: str = "", actor: str = "", traceparent: str = "") -> Iterator[None]:
    """Do the block's work in the name of this request and person, as a part of this trace."""
    token = _current.set(Context(request_id, actor, traceparent))
    try:
        yield
    finally:
        _current.reset(token)
