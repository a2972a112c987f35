"""The event sources of Lambda, simulated: what a function is fed, and what becomes of what it fails.

A source, a function and a mapping between them, on the held clock and shuffled by a seed; nothing sleeps:

    queue = Queue("items", max_receives=6, dead_letters=Queue("items-dlq"), chance=Random(1), copies=(1, 5))
    mapping = QueueMapping(queue, Function("on_items", app.on_items), batch_size=10)
    queue.send({"user_id": "U1", "item_key": "theme", ...})
    settle(mapping)
    assert queue.messages == []

`tests.simulation.stage` has the whole app over them, set as it is deployed.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from chalicelib.core import clock
from tests.simulation.sources.asynchronous import Invocations, notification
from tests.simulation.sources.lambdas import Failed, Function
from tests.simulation.sources.sqs import Message, Queue, QueueMapping
from tests.simulation.sources.streams import StreamMapping

if TYPE_CHECKING:
    from datetime import datetime

__all__ = [
    "Failed",
    "Function",
    "Invocations",
    "Message",
    "Queue",
    "QueueMapping",
    "StreamMapping",
    "notification",
    "settle",
]


class Source(Protocol):
    """Whatever brings a function its events."""

    def poll(self) -> bool:
        """Invoke the function if something is due: whether anything was."""

    @property
    def next_at(self) -> datetime | None:
        """When something is due next, or None where nothing waits."""


def settle(*sources: Source, within: timedelta = timedelta(days=2)) -> None:
    """Let everything happen that these sources hold, moving the clock on to whatever is due next, for no longer than
    `within`."""
    end = clock.now() + within
    while True:
        while sum(source.poll() for source in sources):
            pass
        due = [moment for source in sources if (moment := source.next_at) is not None and moment <= end]
        if not due:
            return
        clock.tick(seconds=max((min(due) - clock.now()).total_seconds(), 0))
