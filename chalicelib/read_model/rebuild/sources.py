"""What the tables are made of: the records of DynamoDB, in result pages, and what each becomes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

from chalicelib import accounts, events, items, segments, sessions
from chalicelib.core import clock
from chalicelib.read_model import projection
from chalicelib.read_model.records import add_item, add_membership, add_person, add_session

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from chalicelib.core.aws.dynamo import Key, ResultPage
    from chalicelib.read_model.statements import Rows

    Scan = Callable[[Key | None], ResultPage[Any]]

Cursor = dict[str, Any]
"""Where a source goes on: `start` is a key of its table, `after` a position of the feed, and `feed` the one from which
the feed is read when a scan has ended. One that `waits` has nothing to read before some time has passed."""

LATEST_MINUTES = 10
SAMPLE = 25
"""How late events are recorded is seen by the newest ones: those of so many minutes, so many of each shard."""

PATIENCE = timedelta(hours=1)
"""How long it is waited for events that were recorded late. What comes later still is found by the next check."""


@dataclass(frozen=True)
class Source:
    """`read` returns the records at a cursor and the next cursor, None at the end. `add` adds what a record becomes to
    the rows."""

    read: Callable[[Cursor], tuple[Sequence[Any], Cursor | None]]
    add: Callable[[Rows, Any], None]


def source_of(step: str, job: Mapping[str, Any]) -> tuple[Source, Cursor]:
    """The source of a step that fills a table, and where it begins."""
    if step == "events":
        written_since = job["written_since"]
        return Source(lambda cursor: _happened(cursor, written_since), _add_event), {
            "start": None,
            "feed": events.horizon(),
        }
    scans: dict[str, tuple[Scan, Callable[[Rows, Any], None]]] = {
        "people": (accounts.scanned, add_person),
        "items": (items.scanned, add_item),
        "memberships": (segments.scanned, add_membership),
        "sessions": (sessions.scanned, add_session),
    }
    scan, add = scans[step]
    return Source(lambda cursor: _scanned(scan, cursor), add), {"start": None}


def _scanned(scan: Scan, cursor: Cursor) -> tuple[Sequence[Any], Cursor | None]:
    result_page = scan(cursor["start"])
    return result_page.items, None if result_page.next is None else {**cursor, "start": result_page.next}


def _happened(cursor: Cursor, written_since: str) -> tuple[Sequence[Any], Cursor | None]:
    """The next events: first those of the whole history, in no order, as a scan is the same for any number of hours in
    which nothing happened; then, by the feed, those that were recorded since it began."""
    if "after" in cursor:
        return _recorded(cursor, written_since)
    found, after = _scanned(events.scanned, cursor)
    return found, after or {"after": cursor["feed"]}


def _recorded(cursor: Cursor, written_since: str) -> tuple[Sequence[Any], Cursor | None]:
    """The next events of the feed. Its end is reached when whatever happened before the consumer wrote to the tables
    too has been recorded, as far as the newest events show."""
    until = events.horizon()
    found, position = events.recorded_together(cursor["after"], until)
    if position < until:
        return found, {"after": position}
    if until >= clock.timestamp(clock.parse(written_since) + _delay()):
        return found, None
    return found, {"after": position, "waits": True}


def _delay() -> timedelta:
    """How late events were recorded of late, by the median: where the history is behind most are late, and one that a
    sweep found after an hour says nothing of the others."""
    since = clock.timestamp(clock.now() - timedelta(minutes=LATEST_MINUTES))
    newest, _ = events.recently_recorded(since, SAMPLE)
    late = [each.milliseconds for each in newest if each.type != events.EventType.SESSION_EXPIRED]
    return min(timedelta(milliseconds=median(late) if late else 0), PATIENCE)


def _add_event(rows: Rows, event: events.Event) -> None:
    """Add an event, and what it says of a session: the table keeps no end of one. It has all of the memberships."""
    rows.add_event(projection.event_row(event))
    session = projection.session_row_of(event)
    if session is not None:
        rows.add_session(session)
