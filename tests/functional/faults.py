"""Faults on purpose: an AWS call that fails, a crash right before or after one, or something that happens meanwhile,
by botocore's own events."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from chalicelib.core.aws import clients
from tests import partiql
from tests.replies import refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager


class Crash(BaseException):
    """The process ends here: nothing that the app catches."""


@contextmanager
def failing(service: str, operation: str, code: str, status: int = 400, **client: Any) -> Iterator[None]:
    """Have AWS answer every call of this operation with an error, without doing anything. `client` is how that one is
    asked for, beside by its service."""
    event = f"before-call.{service}.{operation}"
    with listening(clients.client(service, **client), event, lambda **_: refused(code, status)):
        yield


@contextmanager
def crashing(service: str, operation: str, *, after: bool, skip: int = 0, **client: Any) -> Iterator[None]:
    """Crash right before or `after` the call of this operation that follows the first `skip` ones."""
    seen = 0

    def crash(**_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen > skip:
            raise Crash

    with listening(
        clients.client(service, **client), f"{'after' if after else 'before'}-call.{service}.{operation}", crash
    ):
        yield


def just_before(operation: str, act: Callable[[], object]) -> AbstractContextManager[None]:
    """Have something happen right before the first call of this operation."""
    happened: list[bool] = []

    def once(**_: object) -> None:
        if not happened:
            happened.append(True)
            act()

    return listening(clients.client("dynamodb"), f"before-call.dynamodb.{operation}", once)


@contextmanager
def throttling(client: Any, is_throttled: Callable[[dict[str, Any]], bool]) -> Iterator[None]:
    """Have DynamoDB throttle the statements of this client's batches for which `is_throttled` holds, and no others."""
    taken: dict[int, Any] = {}
    event = "call.dynamodb.BatchExecuteStatement"

    def before(params: Any, context: Any, **_: Any) -> None:
        taken[id(context)] = partiql.take_out(params, is_throttled)

    def after(parsed: Any, context: Any, **_: Any) -> None:
        partiql.throttle(parsed, taken.pop(id(context)))

    with listening(client, f"before-{event}", before), listening(client, f"after-{event}", after):
        yield


@contextmanager
def listening(client: Any, event: str, listener: Any) -> Iterator[None]:
    """Have `listener` hear of this event of the client, before anybody else does."""
    events = client.meta.events
    events.register_first(event, listener)
    try:
        yield
    finally:
        events.unregister(event, listener)
