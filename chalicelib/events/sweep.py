"""The sweep: what changed lately and is not in history is published, so that a lost stream loses no change.

A stream is lost where its consumer is down for longer than the 24 hours that DynamoDB keeps it, or where its table
is restored. The index of changes by hour tells what changed, without a scan.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from boto3.dynamodb.conditions import Key

from chalicelib.core import batch, clients, clock, logs
from chalicelib.core.dynamo import BATCH_READ_LIMIT, Item
from chalicelib.core.errors import Malformed
from chalicelib.core.records import SWEEP_SHARDS
from chalicelib.core.settings import settings
from chalicelib.events.change import check, record_key, state_of, subject_of
from chalicelib.events.model import Event, event_id, marked
from chalicelib.events.publishing import park, publish
from chalicelib.events.store import history

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

KEYS = {"users": ("id",), "sessions": ("id",), "items": ("user_id", "item_key"), "jobs": ("id", "part")}
"""The tables whose changes are events, and the keys of their records."""

EVERY_VERSION_TOLD = frozenset({"users", "items"})
"""Tables of which each version has an event, so that the index alone says which one history must have."""

HOURS = 2
"""Full hours that are looked at beside the present one: an hourly run that fails is made up for by the next."""

SETTLING = timedelta(minutes=2)
"""What is younger is still on its way through stream, topic and queue."""


def publish_missed_changes(hours: int = HOURS) -> int:
    """Publish the present state of every record that changed within the last full `hours` (or since) and whose
    version is not in history, marked `reconciled`: how many. Whatever was published meanwhile has the same id."""
    until = clock.now() - SETTLING
    this_hour = clock.now().replace(minute=0, second=0, microsecond=0)
    since = this_hour - timedelta(hours=hours)
    published, oldest = 0, timedelta()
    for table in KEYS:
        missed = 0
        for back in range(hours + 1):
            hour = clock.timestamp(this_hour - timedelta(hours=back))[:13]
            for rows in _changed(table, hour, clock.timestamp(until)):
                events = _missed(table, rows, clock.timestamp(since), clock.timestamp(until))
                refused = publish([marked(event, "reconciled") for event in events], source="sweep")
                park("sweep", refused)
                missed += len(events) - len(refused)
                oldest = max([oldest, *(clock.now() - clock.parse(event["time"]) for event in events)])
        if missed:
            logs.count("Reconciled", missed, table=table)
        published += missed
    if oldest:
        logs.count("OldestUnpublished", oldest.total_seconds(), unit=logs.SECONDS)
    logs.info("swept", hours=hours, published=published)
    return published


def _changed(table: str, hour: str, until: str) -> Iterator[Sequence[Item]]:
    """What the index of changes holds of one hour up to a moment, as many rows at once as one read takes."""
    for shard in range(SWEEP_SHARDS):
        in_hour = Key("changed_hour").eq(f"{hour}#{shard}") & Key("updated_at").lt(until)
        rows = list(clients.table(table).query_all(in_hour, index="changes-index"))
        for start in range(0, len(rows), BATCH_READ_LIMIT):
            yield rows[start : start + BATCH_READ_LIMIT]


def _missed(table: str, rows: Sequence[Item], since: str, until: str) -> list[Event]:
    """The events that history lacks of what the index says has changed. One that is older than `since` had its own
    sweep; one younger than `until` changed while this one looked, and will have it."""
    if table in EVERY_VERSION_TOLD:
        stubs = _made(table, rows, lambda row: _stub(table, row))
        missing = {stub["id"] for stub in history().missing(stub for _, stub in stubs)}
        rows = [row for row, stub in stubs if stub["id"] in missing]
    if not rows:
        return []
    reading, public_url = clients.table(table), settings().public_url
    found = clients.database().batch_get([(reading, {name: row[name] for name in KEYS[table]}) for row in rows])
    states = _made(table, filter(None, found), lambda record: state_of(table, record, public_url=public_url))
    return history().missing(event for _, event in states if since <= event["time"] < until)


def _made(table: str, records: Iterable[Item], make: Callable[[Item], Event | None]) -> list[tuple[Item, Event]]:
    """Each record with the event that is made of it, where one is. A record that makes no sense is parked by its key,
    and keeps none of its neighbours from being told."""
    made = []
    for record in records:
        try:
            event = make(record)
        except Malformed as error:
            key = event_id(table, record_key(table, record), record.get("version", 0), 0)
            batch.park("sweep", {"event": key}, batch.reason(error))
            continue
        if event is not None:
            made.append((record, event))
    return made


def _stub(table: str, row: Item) -> Event:
    """As much of the event of a row's version as finds it in history. Raises Malformed where that cannot be told."""
    check(table, row)
    return {
        "id": event_id(table, record_key(table, row), row["version"], 0),
        "subject": subject_of(table, row),
        "time": row["updated_at"],
    }
