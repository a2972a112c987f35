"""The `history` table: every event once, by subject and time, and by the order in which it was recorded.

`recorded_at` is written once, by the condition of the write. So an event that comes late, twice or out of order has one
position in the feed, which is never before one that a reader has passed.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from chalicelib.core import clock, wire
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.changes import READERS
from chalicelib.core.aws.dynamo import (
    ConditionFailed,
    Database,
    ResultPage,
    Table,
    present,
)
from chalicelib.core.aws.dynamo import (
    Key as ItemKey,
)
from chalicelib.core.aws.dynamo.conditions import Attr, Key
from chalicelib.core.erasure import Erased
from chalicelib.core.settings import settings
from chalicelib.event_bus.envelope import Event, redacted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from chalicelib.events.rows import HistoryRow

FEED_SHARDS = 4
"""Partitions of an hour of the feed. DynamoDB takes 1,000 writes of 1 KB a second in each:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html"""

WRITE_SECONDS = 2
"""How long one attempt of a write may wait. With botocore's three attempts and its backoff, the last one starts no
later than 7 seconds after `recorded_at` was taken: within the 10 that the feed stays behind (`feed.BEHIND`)."""

ERASED_AT_ONCE = 100

SEARCHED = 5
"""Result pages of a subject's events that one search goes through."""

SEARCH_ROWS = 200
"""Of such a page, where only some types are wanted."""


@dataclass(frozen=True)
class HourPart:
    """Rows of an hour, and the position `through` up to which (of the newest, since which) these are all, or None where
    they are all of the range that was asked for."""

    rows: list[HistoryRow]
    through: str | None


class History:
    """The events of every subject. They are added, and changed only by an erasure."""

    def __init__(self, database: Database, table: Table[HistoryRow]) -> None:
        self._database = database
        self._table = table

    def record(self, events: Sequence[Event], days: int) -> list[Exception | None]:
        """Record up to 25 events (`INSERT_LIMIT`) for that many days, each once, in one call. Returns for each the
        error, or None where it was recorded: ConditionFailed where it was so before, Unavailable where it may succeed
        later. What DynamoDB has no room for is tried again within about a second, as recorded then."""
        by_position = {_at(event): event for event in events}
        errors = self._table.insert_all(by_position, lambda event: _row(event, clock.now(), days))
        return [errors[_at(event)] for event in events]

    def of(
        self,
        subject: str,
        *,
        limit: int,
        start: ItemKey | None = None,
        since: str = "",
        until: str = "~",
        types: Collection[str] = (),
    ) -> ResultPage[HistoryRow]:
        """A subject's events, newest first, that happened from one timestamp up to another, of those types, or of any
        where none is named. Where types are, up to SEARCHED pages are searched for `limit` events."""
        within = Key("subject").eq(subject) & Key("at").between(since or " ", until)
        if not types:
            return self._table.query(within, limit=limit, start=start, newest_first=True)
        found: list[HistoryRow] = []
        for _ in range(SEARCHED):
            result_page = self._table.query(within, limit=SEARCH_ROWS, start=start, newest_first=True)
            for row in result_page.items:
                if row["type"] in types:
                    found.append(row)
                if len(found) == limit:
                    return ResultPage(found, {"subject": subject, "at": row["at"]})
            start = result_page.next
            if start is None:
                break
        return ResultPage(found, start)

    def at(self, subject: str, time: str, event_id: str) -> HistoryRow | None:
        """The row of an event by its own fields, or None."""
        return self._table.get({"subject": subject, "at": f"{time}#{event_id}"}, consistent=False)

    def search(self, subject: str, event_id: str) -> HistoryRow | None:
        """The row of an event by its subject, among the newest SEARCHED result pages of 1 MB each, or None."""
        start = None
        for _ in range(SEARCHED):
            result_page = self._table.query(
                Key("subject").eq(subject),
                where=Attr("recorded_at").contains(event_id),
                start=start,
                newest_first=True,
            )
            for row in result_page.items:
                if row["at"].partition("#")[2] == event_id:
                    return row
            start = result_page.next
            if start is None:
                break
        return None

    def all_of(self, subject: str, since: str = "0") -> Iterator[HistoryRow]:
        """Every event of a subject, or those from a timestamp on, newest first."""
        return self._table.query_all(Key("subject").eq(subject) & Key("at").gte(since), newest_first=True)

    def missing(self, events: Iterable[Event]) -> list[Event]:
        """The events that are not recorded, in their order: one read for each hundred, several at once."""
        expected = list(events)
        keys = [(self._table, row_key(event)) for event in expected]
        rows = self._database.batch_get(keys, consistent=False, workers=READERS)
        return [event for event, row in zip(expected, rows, strict=True) if row is None]

    def newest(self, since: str, limit: int) -> HourPart:
        """The newest rows of each shard, at most `limit` of each, that were recorded since a timestamp of this hour or
        the one before: all since the timestamp `through`, or all there are where that is None."""
        rows: list[HistoryRow] = []
        left_out: list[str] = []
        for hour in sorted({since[:13], clock.timestamp()[:13]}):
            for shard in range(FEED_SHARDS):
                recorded = Key("feed_shard").eq(f"{hour}#{shard}") & Key("recorded_at").gte(since)
                result_page = self._table.query(recorded, index="feed-index", limit=limit, newest_first=True)
                rows += result_page.items
                if result_page.next:
                    left_out.append(str(result_page.next["recorded_at"]))
        return HourPart(rows, max(left_out, default=None))

    def hour(self, after: str, until: str, limit: int) -> HourPart:
        """The rows recorded after the position `after` and before `until`, two positions of the same hour: at
        least the first `limit` of them, or as many as one page of each shard holds."""
        found: list[HistoryRow] = []
        last_positions: list[str] = []
        for shard in range(FEED_SHARDS):
            # A space sorts below all that follows in a longer key, so this is the first position after `after`.
            between = Key("recorded_at").between(f"{after} ", until)
            in_shard = Key("feed_shard").eq(f"{after[:13]}#{shard}")
            result_page = self._table.query(in_shard & between, index="feed-index", limit=limit)
            found += result_page.items
            if result_page.next:
                last_positions.append(str(result_page.next["recorded_at"]))
        through = min(last_positions, default=None)
        rows = sorted(found, key=lambda row: row["recorded_at"])
        return HourPart([row for row in rows if through is None or row["recorded_at"] <= through], through)

    def erase(self, subject: str) -> Erased:
        """Redact the data of up to a hundred of a subject's events. Ids, types and times stay, so that readers of the
        feed keep their positions."""
        unredacted = self._table.query_all(
            Key("subject").eq(subject), where=Attr("erased_at").not_exists(), consistent=True
        )
        rows = list(islice(unredacted, ERASED_AT_ONCE))
        for row in rows:
            event = wire.to_json(redacted(json.loads(row["event"])))
            try:
                self._table.update(
                    {"subject": subject, "at": row["at"]},
                    set={"event": event, "erased_at": clock.timestamp()},
                    condition=present("subject"),
                )
            except ConditionFailed:
                continue
        return Erased(len(rows), len(rows) < ERASED_AT_ONCE)


def _row(event: Event, moment: datetime, days: int) -> HistoryRow:
    """The row of an event that is recorded at that moment, for that many days."""
    recorded_at = clock.timestamp(moment)
    return {
        "subject": event["subject"],
        "at": _at(event),
        "schema": records.SCHEMA,
        "type": event["type"],
        "event": wire.to_json(event),
        "recorded_at": f"{recorded_at}#{event['id']}",
        "feed_shard": f"{recorded_at[:13]}#{zlib.crc32(event['id'].encode()) % FEED_SHARDS}",
        "expires_at": int((moment + timedelta(days=days)).timestamp()),
    }


def row_key(event: Event) -> dict[str, str]:
    """The key of an event's row: it sorts by the event's time within its subject."""
    return {"subject": event["subject"], "at": _at(event)}


def _at(event: Event) -> str:
    return f"{event['time']}#{event['id']}"


def event_in(row: HistoryRow) -> Event:
    """A row's event, with the time when it was recorded: CloudEvents' extension `recordedtime`,
    https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/recordedtime.md"""
    return {**original(row), "recordedtime": row["recorded_at"].partition("#")[0]}


def original(row: HistoryRow) -> Event:
    """A row's event as it was published, but for what was redacted."""
    event: Event = json.loads(row["event"])
    return event


def find(subject: str, time: str, event_id: str) -> Event | None:
    """An event by its own fields, as it is now, or None where it is not kept. It uses the AWS client of all tables:
    that of `history()` has short time-outs, for its writes."""
    row = _table().get({"subject": subject, "at": f"{time}#{event_id}"})
    return original(row) if row else None


def keys_since(subject: str, moment: str) -> Iterator[tuple[str, str]]:
    """The time and the id of each of a subject's events after a timestamp, oldest first."""
    rows = _table().query_all(Key("subject").eq(subject) & Key("at").gt(moment))
    return ((time, event_id) for time, _, event_id in (row["at"].partition("#") for row in rows))


def scanned(start: ItemKey | None = None) -> ResultPage[Event]:
    """The events of a result page of the whole table, as they were published, from the key on at which the one before
    ended, without what is over and not deleted yet."""
    begins = clock.timestamp(clock.now() - timedelta(days=settings().history_days))
    result_page = _table().scan(start)
    kept = [original(row) for row in result_page.items if row["at"] >= begins]
    return ResultPage(kept, result_page.next)


def _table() -> Table[HistoryRow]:
    return clients.table("history")


@clients.once
def history() -> History:
    """The stage's history."""
    database = Database(clients.client("dynamodb", WRITE_SECONDS))
    return History(database, database.table(settings().names.of("history")))
