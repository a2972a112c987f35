"""The flow of the last hour: what was published, and what each consumer had of it, as the stage itself counts it.

It is of the hour that runs and the one before it, because that is how counters are kept. What waits in queues and what
went wrong in functions only AWS knows.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib import events
from chalicelib.core import clock
from chalicelib.insights.counted import FLOW, LATE, MAILS, WEBHOOKS, Counts
from chalicelib.insights.model import added, of_prefix
from chalicelib.insights.schemas import Consumed, Consumers, Flow, Published
from chalicelib.insights.store import counters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.events.rows import Recorded

NEWEST = 250
"""Events of each shard of an hour of the feed that are looked at: what a busy stage has beyond is not counted."""


def flow_now() -> Flow:
    """The flow of this hour and the one before: one batch read, and a query for each shard of the feed's two hours."""
    now = clock.now()
    since = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    hours = [clock.timestamp(since)[:13], clock.timestamp(now)[:13]]
    counts = added(*counters().read(hours).values())
    recorded, complete = events.recently_recorded(clock.timestamp(since), NEWEST)
    return Flow(
        start=clock.timestamp(since),
        end=clock.timestamp(now),
        published=Published(
            events=len(recorded),
            complete=complete,
            types=dict(sorted(Counter(each.type for each in recorded).items())),
        ),
        consumers=Consumers(
            history=_history(recorded),
            insights=_consumed("insights", counts, {"counted": counts.get(f"{FLOW}insights", 0)}),
            mail=_consumed("mail", counts, of_prefix(counts, MAILS)),
            webhooks=_consumed("webhook", counts, of_prefix(counts, WEBHOOKS)),
        ),
    )


def _history(recorded: Sequence[Recorded]) -> Consumed:
    ages = [each.milliseconds for each in recorded]
    return Consumed(
        events=len(ages),
        average_milliseconds=round(sum(ages) / len(ages)) if ages else None,
        longest_milliseconds=max(ages, default=None),
        late=sum(1 for age in ages if age > LATE),
        outcomes={"recorded": len(ages)},
    )


def _consumed(name: str, counts: Counts, outcomes: Counts) -> Consumed:
    number = counts.get(f"{FLOW}{name}", 0)
    return Consumed(
        events=number,
        average_milliseconds=round(counts.get(f"{FLOW}{name}:ms", 0) / number) if number else None,
        longest_milliseconds=None,
        late=counts.get(f"{FLOW}{name}:late", 0),
        outcomes={outcome: count for outcome, count in sorted(outcomes.items()) if count},
    )
