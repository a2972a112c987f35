"""The AWS client taken off: calls are answered in this process by what the real client returned before, so that what is
left is our own."""

from __future__ import annotations

import pickle
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from chalicelib.core.aws import clients

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.measuring import Aside

    Key = tuple[str, ...]


class Kept:
    """In the place of a client: the first call of each form goes to it, later ones get what that returned."""

    def __init__(self, client: Any, aside: Aside) -> None:
        self._client, self._aside = client, aside
        self._methods: dict[str, Callable[..., Any]] = {}

    def __getattr__(self, operation: str) -> Any:
        if operation == "meta":
            return self._client.meta
        if operation not in self._methods:
            self._methods[operation] = self._method(operation)
        return self._methods[operation]

    def _method(self, operation: str) -> Callable[..., Any]:
        returned: dict[Any, bytes] = {}
        call = getattr(self._client, operation)

        def kept(**asked: Any) -> Any:
            form = _form(asked)
            if form not in returned:
                returned[form] = pickle.dumps(call(**asked))
            return pickle.loads(returned[form])

        return self._aside.timed(kept)


def _form(asked: dict[str, Any]) -> Any:
    """What tells calls apart, for as little work as there is: which keys are read, else how much of what is asked."""
    wanted = asked.get("RequestItems") or asked.get("Key") or asked.get("SecretId")
    sizes = tuple(len(value) for value in asked.values() if isinstance(value, list))
    return asked.get("TableName"), repr(wanted), sizes


@contextmanager
def taken_off(aside: Aside) -> Iterator[None]:
    """Let no call of this process reach AWS that is like one that did. What the stand-in takes is `aside`: some ten
    microseconds a call."""
    made = clients.client
    kept: dict[Any, Kept] = {}

    def client(service: str, *further: Any, **named: Any) -> Any:
        found = (service, *further, *named.values())
        if found not in kept:
            kept[found] = Kept(made(service, *further, **named), aside)
        return kept[found]

    clients.clear()
    clients.client = client  # type: ignore[assignment]
    try:
        yield
    finally:
        clients.client = made
        clients.clear()
