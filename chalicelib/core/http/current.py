"""The request that a thread answers, and how callers are known in it.

Chalice keeps the request on the app, where the threads of `chalice local` put theirs too: one would be answered for
another. A middleware keeps it here for the view.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalice import Response

    from chalicelib.core.http.requests import Caller

    Authenticate = Callable[[str], Caller]
    """The caller behind a bearer token. Raises Unauthenticated."""

_current: ContextVar[tuple[Any, Authenticate]] = ContextVar("current")


def authenticate_with(authenticate: Authenticate) -> Callable[[Any, Callable[[Any], Response]], Response]:
    """A middleware for Chalice: views of this app find their request, and know its caller by `authenticate`."""

    def keep_request(event: Any, get_response: Callable[[Any], Response]) -> Response:
        _current.set((event, authenticate))
        return get_response(event)

    return keep_request


def current_request() -> Any:
    """The request that this thread answers, as Chalice has it."""
    return _current.get()[0]


def caller_of(token: str) -> Caller:
    """The caller behind a bearer token of the present request. Raises Unauthenticated."""
    return _current.get()[1](token)
