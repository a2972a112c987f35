"""The watermark: every change before it has been recorded, or was missed.

A change comes to history by its stream, the topic and the queue. Each of these may be late, by hours after a large
import, without losing anything. So a search for lost changes waits for them.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.core.settings import settings
from chalicelib.event_bus.envelope import EventType
from chalicelib.events.store import history

if TYPE_CHECKING:
    from chalicelib.events.rows import HistoryRow

SETTLING = timedelta(minutes=15)
"""As long as a function may run (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html): so a change
may be written this long after the time that it bears, and messages of one time may come so far apart."""

RECENT = timedelta(minutes=10)
SAMPLE_ROWS = 25
"""Of the newest rows of each shard of the feed: they show how old an event is when it is recorded."""

_WAITING = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


def settled_until() -> str | None:
    """The timestamp before which every change is in history or was missed. None where that cannot be said, because
    messages wait for history and it has recorded none for ten minutes.

    At most six calls. The event of a record that an operator deletes has the time of its last change, so while such
    events are recorded, the watermark is far back.
    """
    now = clock.now()
    rows = history().newest(clock.timestamp(now - RECENT), SAMPLE_ROWS).rows
    times = [row["at"].partition("#")[0] for row in rows if _shows_delay(row)]
    if not times and _is_awaited():
        return None
    return clock.timestamp(clock.parse(min(times, default=clock.timestamp(now))) - SETTLING)


def _shows_delay(row: HistoryRow) -> bool:
    """Whether a row shows how late events are. It does not for an expired session, which DynamoDB's TTL deletes up to
    days after its end, and for a reconciled event, which is published late."""
    return row["type"] != EventType.SESSION_EXPIRED and "reconciled" not in json.loads(row["event"])


def _is_awaited() -> bool:
    """Whether any message is on the queue of history."""
    url = settings().queue_url("history")
    answer = clients.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=list(_WAITING))
    return any(int(answer["Attributes"].get(name, 0)) for name in _WAITING)
