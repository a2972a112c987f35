"""`on_user_change`, `on_session_change`, `on_item_change`, `on_job_change`, `on_client_change` and `on_segment_change`:
the changes of a stream are published."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from chalicelib.core.aws import batch
from chalicelib.core.settings import settings
from chalicelib.event_bus.publishing import park, publish
from chalicelib.events.change import events_of

if TYPE_CHECKING:
    from chalicelib.event_bus.envelope import Event


def publish_changes(table: str, event: dict[str, Any]) -> None:
    """Publish the events of the changes in a DynamoDB stream event of the table of that short name.

    Raises Transient where the batch must come again: then its events come again too, with the same ids. A malformed
    change, or one whose events can never be published, is parked by its keys.
    """
    public_url = settings().public_url
    source = f"stream:{table}"

    def collect(change: batch.Change) -> list[Event]:
        return events_of(change.table, change.old, change.new, change.expired, public_url=public_url)

    def finish(collected: list[list[Event]]) -> None:
        park(source, publish(list(chain.from_iterable(collected)), source=source))

    batch.from_stream(table, event, collect, finish)
