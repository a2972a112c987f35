"""moto's tables are not safe among threads: calls of code that makes several at once go through one by one here."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from chalicelib.core.aws import clients
from chalicelib.events.store import WRITE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def one_call_at_a_time() -> Iterator[None]:
    """Let the threads of the block's code take turns at DynamoDB; their order stays open, as it is there.

    Chalice's test client puts a copy of the environment in place of the real one while a request takes: of requests
    that overlap, the last to end would leave another's copy to all further tests, so the real one is put back.
    """
    environment = os.environ
    turn, mine = threading.Lock(), threading.local()

    def enter(**_: Any) -> None:
        turn.acquire()
        mine.held = True

    def leave(**_: Any) -> None:
        if getattr(mine, "held", False):  # a call that a test makes fail never entered
            mine.held = False
            turn.release()

    listened = [clients.client("dynamodb").meta.events, clients.client("dynamodb", WRITE_SECONDS).meta.events]
    for events in listened:
        events.register_first("before-call.dynamodb", enter)
        events.register_last("after-call.dynamodb", leave)
        events.register_last("after-call-error.dynamodb", leave)
    try:
        yield
    finally:
        os.environ = environment  # noqa: B003 - the object itself, not its content
        for events in listened:
            events.unregister("before-call.dynamodb", enter)
            events.unregister("after-call.dynamodb", leave)
            events.unregister("after-call-error.dynamodb", leave)
