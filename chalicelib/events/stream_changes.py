"""`on_user_change`, `on_session_change`, `on_item_change`, `on_job_change`: the changes of a stream are published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core.aws import batch
from chalicelib.core.settings import settings
from chalicelib.event_bus.publishing import park, publish
from chalicelib.events.change import events_of

if TYPE_CHECKING:
    from chalicelib.event_bus.envelope import Event


def publish_changes(table: str, event: dict[str, Any]) -> None:
    """Publish the events of the changes in a DynamoDB stream event of the table of that short name.

    Raises Transient where the batch must come again: its events then come again too, under the same ids. A change
    that makes no sense is parked by its keys.
    """
    public_url = settings().public_url
    collected: list[Event] = []

    def collect(change: batch.Change) -> None:
        events = events_of(change.table, change.old, change.new, change.expired, public_url=public_url)
        collected.extend(events)

    def finish() -> None:
        park(f"stream:{table}", publish(collected, source=f"stream:{table}"))

    batch.from_stream(table, event, collect, finish)
