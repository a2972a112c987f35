"""How far history is: what changed before that has been recorded, or was missed.

A change comes to history by its stream, the topic and the queue. Each of them may be late, by hours after a large
import, and loses nothing: so whoever looks for what is lost waits for it.
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
    from chalicelib.core.aws.dynamo import Item

SETTLING = timedelta(minutes=15)
"""As long as a function may run (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html): so a change
may be written this long after the time that it bears, and messages of one time may come so far apart."""

LATELY = timedelta(minutes=10)
LOOKED_AT = 25
"""Of the newest rows of each shard of the feed: they tell how old an event is by the time that it is recorded."""

_WAITING = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


def settled_until() -> str | None:
    """The timestamp before which whatever changed is in history or was missed; None where nobody can tell, because
    messages wait for history and it has recorded none lately.

    Six calls at most. A record that somebody deletes by hand bears the time of its last change, so for as long as such
    are told of, this lies far back.
    """
    now = clock.now()
    rows = history().lately(clock.timestamp(now - LATELY), LOOKED_AT)
    times = [str(row["at"]).partition("#")[0] for row in rows if _tells(row)]
    if not times and _is_awaited():
        return None
    return clock.timestamp(clock.parse(min(times, default=clock.timestamp(now))) - SETTLING)


def _tells(row: Item) -> bool:
    """Whether a row tells how late events are. DynamoDB's TTL removes a session up to days after its end, and what was
    missed is published late."""
    return row["type"] != EventType.SESSION_EXPIRED and "reconciled" not in json.loads(row["event"])


def _is_awaited() -> bool:
    """Whether any message is on the queue of history."""
    url = settings().queue_url("history")
    found = clients.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=list(_WAITING))
    return any(int(found["Attributes"].get(name, 0)) for name in _WAITING)
