"""Publishes the present state of what changed and is not in history, page by page along the index of changes.

The index is read hour by hour, in the order of time. Each result page ends at a position, from which a later run can
continue.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib import accounts, items, jobs, oauth, segments, sessions
from chalicelib.core import clock, logs
from chalicelib.core.aws import batch
from chalicelib.core.aws.records import SWEEP_SHARDS
from chalicelib.core.errors import Malformed
from chalicelib.core.settings import settings
from chalicelib.event_bus.envelope import Event, event_id, marked
from chalicelib.event_bus.publishing import park, publish
from chalicelib.events.change import check, record_key, state_of, subject_of
from chalicelib.events.feed import next_hour
from chalicelib.events.store import history

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from chalicelib.core.aws.changes import Changes
    from chalicelib.core.aws.dynamo import Item

OWNERS: dict[str, Callable[[], Changes]] = {
    "users": lambda: accounts.changes(),
    "sessions": lambda: sessions.changes(),
    "items": lambda: items.changes(),
    "jobs": lambda: jobs.changes(),
    "clients": lambda: oauth.changes(),
    "segments": lambda: segments.changes(),
}
"""The tables whose changes are events, and the packages that give them. Each package is loaded at its first use."""

EVENT_PER_VERSION = frozenset({"users", "items", "clients", "segments"})
"""Tables in which each version of a record has an event, so that the index alone says which event history must have."""

PAGE_ROWS = 2000
"""Rows of the index that are compared at once: 20 reads of history, in parallel."""

LOOK_BACK = timedelta(days=1)
"""How much older than the oldest position an event may be to be looked for. It is that of the start of a session whose
record has changed since; an older start had its own sweep."""

Position = dict[str, Any]
"""`after`, a timestamp: changes before it have been compared. `start`, a key of the index, within its hour."""

Positions = dict[str, Position]
"""By lane: a table and a shard of its index, `users#0`."""


class Progress(NamedTuple):
    """How many changes were published, and whether the end was reached."""

    published: int
    finished: bool


def swept() -> list[str]:
    """The tables of this stage whose changes are events. Only one with a read model has segments."""
    has_segments = settings().read_model != "off"
    return [table for table in OWNERS if has_segments or table != "segments"]


def beginning(moment: str) -> Positions:
    """The positions at a timestamp."""
    return {f"{table}#{shard}": {"after": moment} for table in swept() for shard in range(SWEEP_SHARDS)}


def publish_missed(
    positions: Positions, until: str, *, seconds: float, passed: Callable[[str], None] = lambda _: None
) -> Progress:
    """Publish the present state of every record that changed between its lane's position and a timestamp, and whose
    version is not in history, marked `reconciled`. An event that was published in the meantime has the same id.

    It moves the positions on, the oldest first, and begins no page after so many seconds. `passed` is called with the
    lane after a page that published something, or that is not the last of its hour.
    """
    deadline = clock.running() + seconds
    since = clock.timestamp(clock.parse(min(position["after"] for position in positions.values())) - LOOK_BACK)
    published, oldest = 0, timedelta()
    finished = False
    while clock.running() < deadline:
        lane = min(positions, key=lambda name: str(positions[name]["after"]))
        if finished := positions[lane]["after"] >= until:
            break
        table = lane.partition("#")[0]
        rows, positions[lane] = _next_rows(lane, positions[lane], until)
        events = _missed(table, rows, since, until)
        if events:
            published += _publish(table, events)
            oldest = max(oldest, *(clock.now() - clock.parse(event["time"]) for event in events))
        if events or "start" in positions[lane]:
            passed(lane)
    if oldest:
        logs.count("OldestUnpublished", oldest.total_seconds(), unit=logs.SECONDS)
    return Progress(published, finished)


def _next_rows(lane: str, position: Position, until: str) -> tuple[list[Item], Position]:
    """The next rows of a lane that changed before a timestamp, and the position behind them."""
    table, _, shard = lane.partition("#")
    after = position["after"]
    end = min(next_hour(after), until)
    result_page = OWNERS[table]().between(after, end, shard, limit=PAGE_ROWS, start=position.get("start"))
    next_position = {"after": after, "start": result_page.next} if result_page.next else {"after": end}
    return [row for row in result_page.items if row["updated_at"] < end], next_position


def _publish(table: str, events: Sequence[Event]) -> int:
    """Publish missed events, and return how many SNS took."""
    refused = publish([marked(event, "reconciled") for event in events], source="sweep")
    park("sweep", refused)
    taken = len(events) - len(refused)
    if taken:
        logs.count("Reconciled", taken, table=table)
    return taken


def _missed(table: str, rows: Sequence[Item], since: str, until: str) -> list[Event]:
    """The events that history lacks, of records that changed by the index. An event older than `since` had its own
    sweep; one from `until` on is of a change during this sweep, and will have its own."""
    if table in EVENT_PER_VERSION:
        stubs = _events_by_record(table, rows, lambda row: _stub(table, row))
        missing = {stub["id"] for stub in history().missing(stub for _, stub in stubs)}
        rows = [row for row, stub in stubs if stub["id"] in missing]
    if not rows:
        return []
    public_url = settings().public_url
    stored = filter(None, OWNERS[table]().records(rows))
    states = _events_by_record(table, stored, lambda record: state_of(table, record, public_url=public_url))
    return history().missing(event for _, event in states if since <= event["time"] < until)


def _events_by_record(
    table: str, records: Iterable[Item], make: Callable[[Item], Event | None]
) -> list[tuple[Item, Event]]:
    """Each record with its event, where it has one. A malformed record is parked by its key, and does not stop the
    others."""
    pairs = []
    for record in records:
        try:
            event = make(record)
        except Malformed as error:
            key = event_id(table, record_key(table, record), record.get("version", 0), 0)
            batch.park("sweep", {"event": key}, batch.reason(error))
            continue
        if event is not None:
            pairs.append((record, event))
    return pairs


def _stub(table: str, row: Item) -> Event:
    """The part of a row's event by which it is looked for in history. Raises Malformed where the row lacks it."""
    check(table, row)
    return {
        "id": event_id(table, record_key(table, row), row["version"], 0),
        "subject": subject_of(table, row),
        "time": row["updated_at"],
    }
