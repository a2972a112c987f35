"""What changed and is not in history is published as it is now, page by page along the index of changes.

The index is read hour by hour, in the order of time. Where a page ends is a position, from which anybody can go on.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib import accounts, items, jobs, sessions
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
}
"""The tables whose changes are events, and whom to ask for those: each is loaded when it is asked."""

EVERY_VERSION_TOLD = frozenset({"users", "items"})
"""Tables of which each version has an event, so that the index alone says which one history must have."""

PAGE = 2000
"""Rows of the index that are compared at once: 20 reads of history, in parallel."""

LOOKED_BACK = timedelta(days=1)
"""How much older than the oldest position an event may be that is looked for: a session's, whose record has changed
since, and whose start had its own sweep where it is older."""

Position = dict[str, Any]
"""`after`, a timestamp: what changed before it has been looked at. `start`, a key of the index, within its hour."""

Positions = dict[str, Position]
"""By lane: a table and a shard of its index, `users#0`."""


class Walked(NamedTuple):
    """How many changes were published, and whether the end was reached."""

    published: int
    finished: bool


def beginning(moment: str) -> Positions:
    """The positions at a timestamp."""
    return {f"{table}#{shard}": {"after": moment} for table in OWNERS for shard in range(SWEEP_SHARDS)}


def publish_missed(
    positions: Positions, until: str, *, seconds: float, passed: Callable[[str], None] = lambda _: None
) -> Walked:
    """Publish the present state of every record that changed between its lane's position and a timestamp, and whose
    version is not in history, marked `reconciled`. Whatever was published meanwhile has the same id.

    Moves the positions on, the oldest first, and begins no page after so many seconds. `passed` is called with the lane
    after a page that published something, or that is not the last of its hour.
    """
    deadline = clock.running() + seconds
    since = clock.timestamp(clock.parse(min(position["after"] for position in positions.values())) - LOOKED_BACK)
    published, oldest = 0, timedelta()
    finished = False
    while clock.running() < deadline:
        lane = min(positions, key=lambda name: str(positions[name]["after"]))
        if finished := positions[lane]["after"] >= until:
            break
        table = lane.partition("#")[0]
        rows, positions[lane] = _page(lane, positions[lane], until)
        events = _missed(table, rows, since, until)
        if events:
            published += _published(table, events)
            oldest = max(oldest, *(clock.now() - clock.parse(event["time"]) for event in events))
        if events or "start" in positions[lane]:
            passed(lane)
    if oldest:
        logs.count("OldestUnpublished", oldest.total_seconds(), unit=logs.SECONDS)
    return Walked(published, finished)


def _page(lane: str, position: Position, until: str) -> tuple[list[Item], Position]:
    """The next rows of a lane that changed before a timestamp, and the position behind them."""
    table, _, shard = lane.partition("#")
    after = position["after"]
    end = min(next_hour(after), until)
    page = OWNERS[table]().between(after, end, shard, limit=PAGE, start=position.get("start"))
    following = {"after": after, "start": page.next} if page.next else {"after": end}
    return [row for row in page.items if row["updated_at"] < end], following


def _published(table: str, events: Sequence[Event]) -> int:
    """Publish what was missed: how many SNS took."""
    refused = publish([marked(event, "reconciled") for event in events], source="sweep")
    park("sweep", refused)
    taken = len(events) - len(refused)
    if taken:
        logs.count("Reconciled", taken, table=table)
    return taken


def _missed(table: str, rows: Sequence[Item], since: str, until: str) -> list[Event]:
    """The events that history lacks of what the index says has changed. One that is older than `since` had its own
    sweep; one younger than `until` changed while this one looked, and will have it."""
    if table in EVERY_VERSION_TOLD:
        stubs = _made(table, rows, lambda row: _stub(table, row))
        missing = {stub["id"] for stub in history().missing(stub for _, stub in stubs)}
        rows = [row for row, stub in stubs if stub["id"] in missing]
    if not rows:
        return []
    public_url = settings().public_url
    found = filter(None, OWNERS[table]().records(rows))
    states = _made(table, found, lambda record: state_of(table, record, public_url=public_url))
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
