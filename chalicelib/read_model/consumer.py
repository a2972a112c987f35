"""Consumes the queue `read-model`: every published event, into the tables of the read model.

Of a person, an event says only that something changed: their row is written as `users` has it when the batch comes,
which is at least as new as the event, and has what events never carry. Sessions, items and memberships are written by
what their events say. Whoever was removed has a tombstone in `users`, which is looked up for everybody whom a batch is
about: so no order of messages leaves anything about them.

The pages of a rebuild, and of an erasure, come on the same queue (`job_pages`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib import accounts, events
from chalicelib.core import clock, logs
from chalicelib.core.aws import batch
from chalicelib.core.errors import Malformed
from chalicelib.core.settings import settings
from chalicelib.event_bus.envelope import record_of
from chalicelib.events import EventType
from chalicelib.read_model import job_pages, projection
from chalicelib.read_model.records import add_person
from chalicelib.read_model.segments import evaluate
from chalicelib.read_model.statements import Rows
from chalicelib.read_model.writing import apply, up_to_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chalicelib.core.aws.batch import Message
    from chalicelib.events import Event
    from chalicelib.read_model.database import Database
    from chalicelib.read_model.projection import Row

QUEUE = "read-model"

LEAST_WAIT, LONGEST_WAIT = 10, 1800
WAITS = 20
"""Seconds that a message waits while the database is away: a twentieth of its age, within these limits. So what waited
for ten minutes comes within half a minute, and what waits for 14 days is received fewer than 1,000 times, after which
SQS would move it to the dead letters."""

AHEAD = timedelta(days=1)
"""How far the time of an event may be ahead of ours."""

_IMPERSONAL_TABLES = frozenset({"jobs", "clients"})
"""The tables of which a record is about no person, in the ids of events."""


class Taken(NamedTuple):
    """What one event writes, but for the person."""

    event: Event
    event_row: Row | None
    session: Row | None
    item: Row | None
    membership: Row | None
    tombstone: Row | None


def apply_events(event: dict[str, Any]) -> None:
    """Write the CloudEvents of an SQS batch, in one transaction, and run its job pages.

    What is written already is not changed by it, and nothing that is older replaces it. Raises Transient where messages
    must come again: while the database is away, each waits for a time that grows with its age. A message that is no
    event, and one that PostgreSQL refuses a row of, is parked.
    """
    sent: list[int] = []

    def take(message: Message) -> Taken | None:
        document = message.json()
        if job_pages.is_one(document):
            job_pages.run(document)
            return None
        sent.append(message.sent_at)
        return taken(events.checked(document))

    try:
        batch.from_queue(QUEUE, event, take, _write, retry_after=wait)
    finally:
        if sent:
            lag = max(0.0, clock.now().timestamp() - min(sent) / 1000)
            logs.count("ReadModelLag", lag, unit=logs.SECONDS)


def wait(message: Message) -> int:
    """The seconds after which a message comes again while the database is away."""
    age = clock.epoch() - message.sent_at // 1000
    return min(max(LEAST_WAIT, age // WAITS), LONGEST_WAIT)


def taken(event: Event) -> Taken:
    """What an event writes. Raises Malformed for one whose data is not of its type, or whose time is yet to come."""
    table, _ = record_of(event["id"])
    if table not in _IMPERSONAL_TABLES and len(event["subject"]) > events.ID_LIMIT:
        raise Malformed(f"an event about nobody: no user id has more than {events.ID_LIMIT} characters")
    if event["time"] > clock.timestamp(clock.now() + AHEAD):
        raise Malformed("an event whose time is more than a day ahead")
    is_kept = event["time"] >= clock.timestamp(clock.now() - timedelta(days=settings().history_days))
    try:
        return Taken(
            event,
            projection.event_row(event) if is_kept else None,
            projection.session_row_of(event) if is_kept else None,
            projection.item_row_of(event) if event["type"] == EventType.ITEM_CHANGED else None,
            projection.membership_row_of(event),
            _deleted_item(event) if event["type"] == EventType.ITEM_DELETED else None,
        )
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise Malformed(f"an event whose data is not of its type ({type(error).__name__})") from error


def rows_of(batch_of_events: Sequence[Taken]) -> Rows:
    """What a batch of events writes, with the people and the tombstones that they are about."""
    rows = Rows()
    for each in batch_of_events:
        if each.event_row is not None:
            rows.add_event(each.event_row)
        if each.session is not None:
            rows.add_session(each.session)
        if each.item is not None:
            rows.add_item(each.item)
        if each.membership is not None:
            rows.add_membership(each.membership)
        if each.tombstone is not None:
            rows.add_tombstone(each.tombstone)
    _add_people(rows, [each.event for each in batch_of_events])
    return rows


def _write(results: Sequence[Taken | None]) -> None:
    happened = [result for result in results if result is not None]
    if not happened:
        return
    tables = up_to_date()  # first, so that a batch costs little while the database is away
    apply(tables, rows_of(happened))
    _evaluate(tables, [result.event for result in happened])


def _evaluate(tables: Database, happened: Iterable[Event]) -> None:
    """Compare the people whom events are about with the segments. Their own events of these are among them: so whoever
    was compared by rows that were late is compared again."""
    theirs = [event for event in happened if record_of(event["id"])[0] not in _IMPERSONAL_TABLES]
    singly = {event["subject"] for event in theirs if event.get("bulk") != "true"}
    people = {event["subject"] for event in theirs}
    evaluate(tables, people, bulk=people - singly)


def _add_people(rows: Rows, happened: Iterable[Event]) -> None:
    """Add the people whose own records changed, and the tombstones of whoever was removed."""
    by_table = [(record_of(event["id"])[0], event) for event in happened]
    removals = {event["subject"]: event for _, event in by_table if event["type"] == EventType.USER_DELETED}
    changed = sorted({event["subject"] for table, event in by_table if table == "users"})
    for user_id, person in zip(changed, accounts.rows_of(changed), strict=True):
        if person is None and user_id in removals:
            removed = removals[user_id]
            rows.add_tombstone(projection.tombstone("people", user_id, int(removed["sequence"]), removed["time"]))
        elif person is not None:
            add_person(rows, person)
    others = {event["subject"] for table, event in by_table if table not in _IMPERSONAL_TABLES} - set(changed)
    for tombstone in events.tombstones(others).values():
        add_person(rows, tombstone)


def _deleted_item(event: Event) -> Row:
    return projection.tombstone(
        "items", event["subject"], int(event["sequence"]), event["time"], key=event["data"]["key"]
    )
