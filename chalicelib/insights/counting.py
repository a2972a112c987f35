"""Consumes the queue `insights`: every published event of a counted type is counted once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib import events
from chalicelib.core.aws import batch
from chalicelib.insights.counted import counters_of
from chalicelib.insights.store import counters

if TYPE_CHECKING:
    from chalicelib.events import Event


def count_events(event: dict[str, Any]) -> None:
    """Count the CloudEvents of an SQS batch, in one transaction.

    Raises Transient where messages must come again. A message that is no CloudEvent is parked.
    """

    def collect(message: batch.Message) -> Event | None:
        happened = events.checked(message.json())
        return happened if "replayed" not in happened and counters_of(happened) else None

    def count(collected: list[Event | None]) -> None:
        counters().count([event for event in collected if event is not None])

    batch.from_queue("insights", event, collect, count)
