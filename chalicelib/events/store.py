"""The `history` table: every event once, by subject and time, and by the order in which it was recorded.

`recorded_at` is fixed by the condition of the write, so an event that comes late, twice or out of order has one place
in the feed, and that place is never before one that a reader has passed.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, Key

from chalicelib.core import clock, wire
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.changes import READERS
from chalicelib.core.aws.dynamo import (
    ConditionFailed,
    Database,
    Item,
    ResultPage,
    Table,
    absent,
    present,
)
from chalicelib.core.erasure import Erased
from chalicelib.core.settings import settings
from chalicelib.event_bus.envelope import Event, redacted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FEED_SHARDS = 4
"""Partitions of an hour of the feed. DynamoDB takes 1,000 writes of 1 KB a second in each:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html"""

WRITE_SECONDS = 2
"""How long one attempt of a write may wait. With botocore's three attempts and its backoff, the last one starts no
later than 7 seconds after `recorded_at` was taken: within the 10 that the feed stays behind (`feed.BEHIND`)."""

ERASED_AT_ONCE = 100


@dataclass(frozen=True)
class FeedPage:
    """Rows of one hour in the order of `recorded_at`; all up to and including `through` are among them, or the
    whole of what was asked for where it is None."""

    rows: list[Item]
    through: str | None


class History:
    """The events of every subject. Appended to, and never changed but by erasure."""

    def __init__(self, database: Database, table: Table) -> None:
        self._database = database
        self._table = table

    def record(self, event: Event, days: int) -> bool:
        """Record an event for that many days, once: False where it is recorded already."""
        moment = clock.now()
        recorded_at = clock.timestamp(moment)
        row = {
            **row_key(event),
            "schema": records.SCHEMA,
            "type": event["type"],
            "event": wire.to_json(event),
            "recorded_at": f"{recorded_at}#{event['id']}",
            "feed_shard": f"{recorded_at[:13]}#{zlib.crc32(event['id'].encode()) % FEED_SHARDS}",
            "expires_at": int((moment + timedelta(days=days)).timestamp()),
        }
        try:
            self._table.put(row, absent("subject"))
        except ConditionFailed:
            return False
        return True

    def of(self, subject: str, *, limit: int, start: Item | None = None) -> ResultPage:
        """A subject's events, newest first."""
        return self._table.query(Key("subject").eq(subject), limit=limit, start=start, newest_first=True)

    def all_of(self, subject: str, since: str = "0") -> Iterator[Item]:
        """Every event of a subject, or those from a timestamp on, newest first."""
        return self._table.query_all(Key("subject").eq(subject) & Key("at").gte(since), newest_first=True)

    def missing(self, events: Iterable[Event]) -> list[Event]:
        """Those of the events that are not recorded, in their order: one read for each hundred, several at once."""
        wanted = list(events)
        keys = [(self._table, row_key(event)) for event in wanted]
        rows = self._database.batch_get(keys, consistent=False, workers=READERS)
        return [event for event, row in zip(wanted, rows, strict=True) if row is None]

    def lately(self, since: str, limit: int) -> list[Item]:
        """The newest rows of each shard that were recorded since a timestamp of less than an hour ago, so many of each
        at most."""
        found: list[Item] = []
        for hour in sorted({since[:13], clock.timestamp()[:13]}):
            for shard in range(FEED_SHARDS):
                recorded = Key("feed_shard").eq(f"{hour}#{shard}") & Key("recorded_at").gte(since)
                found += self._table.query(recorded, index="feed-index", limit=limit, newest_first=True).items
        return found

    def hour(self, after: str, until: str, limit: int) -> FeedPage:
        """The rows recorded after the position `after` and before `until`, two positions of the same hour: at
        least the first `limit` of them, or as many as one page of each shard holds."""
        found: list[Item] = []
        complete: list[str] = []
        for shard in range(FEED_SHARDS):
            # A space sorts below all that follows in a longer key, so this is the first position after `after`.
            between = Key("recorded_at").between(f"{after} ", until)
            in_shard = Key("feed_shard").eq(f"{after[:13]}#{shard}")
            page = self._table.query(in_shard & between, index="feed-index", limit=limit)
            found += page.items
            if page.next:
                complete.append(str(page.next["recorded_at"]))
        through = min(complete, default=None)
        rows = sorted(found, key=lambda row: str(row["recorded_at"]))
        return FeedPage([row for row in rows if through is None or row["recorded_at"] <= through], through)

    def erase(self, subject: str) -> Erased:
        """Redact the data of up to a hundred of a subject's events. Ids, types and times
        stay, so that readers of the feed lose no place."""
        rows = self._table.query_all(
            Key("subject").eq(subject), where=Attr("erased_at").not_exists(), consistent=True
        )
        found = list(islice(rows, ERASED_AT_ONCE))
        for row in found:
            event = wire.to_json(redacted(json.loads(row["event"])))
            try:
                self._table.update(
                    {"subject": subject, "at": row["at"]},
                    set={"event": event, "erased_at": clock.timestamp()},
                    condition=present("subject"),
                )
            except ConditionFailed:
                continue
        return Erased(len(found), len(found) < ERASED_AT_ONCE)


def row_key(event: Event) -> dict[str, str]:
    """The key of an event's row: it sorts by the event's time within its subject."""
    return {"subject": event["subject"], "at": f"{event['time']}#{event['id']}"}


def event_in(row: Item) -> dict[str, Any]:
    """A row's event, with the time when it was recorded: CloudEvents' extension `recordedtime`,
    https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/recordedtime.md"""
    return {**original(row), "recordedtime": row["recorded_at"].partition("#")[0]}


def original(row: Item) -> Event:
    """A row's event as it was published, but for what was redacted."""
    event: Event = json.loads(row["event"])
    return event


def find(subject: str, time: str, event_id: str) -> Event | None:
    """An event by its own fields, as it is now, or None where it is not kept. Over the client of all tables: history's
    own is for writes that may not wait."""
    row = clients.table("history").get({"subject": subject, "at": f"{time}#{event_id}"})
    return original(row) if row else None


def known_since(subject: str, moment: str) -> Iterator[tuple[str, str]]:
    """The time and the id of each of a subject's events after a timestamp, oldest first."""
    rows = clients.table("history").query_all(Key("subject").eq(subject) & Key("at").gt(moment))
    return ((time, event_id) for time, _, event_id in (row["at"].partition("#") for row in rows))


@clients.once
def history() -> History:
    """The stage's history."""
    database = Database(clients.client("dynamodb", WRITE_SECONDS))
    return History(database, database.table(settings().names.of("history")))
