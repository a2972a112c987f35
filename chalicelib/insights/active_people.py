"""Whose first sign-in of a day, and of a month, an event is.

A row for each person and month has, for each day on which they signed in, the digest of the event that was counted
first. So that row is also the mark that this event was counted, in place of one of its own; and it names nobody.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chalicelib.core.aws import records
from chalicelib.core.aws.dynamo import absent, present
from chalicelib.core.aws.dynamo.conditions import Attr
from chalicelib.events import EventType
from chalicelib.insights.counted import PEOPLE_OF_DAY, PEOPLE_OF_MONTH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.core.aws.dynamo import Action, Table
    from chalicelib.events import Event
    from chalicelib.insights.rows import ActivePerson

Row = dict[str, Any]

ROW = "active#"
"""How the ids of the rows begin."""


@dataclass
class FirstSignIns:
    """The first sign-ins among some events."""

    ids: set[str] = field(default_factory=set)
    """Of these events: the actions mark them as counted."""
    counted: set[str] = field(default_factory=set)
    """The ids of the events that were counted before."""
    actions: dict[str, Action] = field(default_factory=dict)
    """By the ids of the rows. They are refused where a row has changed since it was read."""
    counts: Counter[str] = field(default_factory=Counter)
    """What the first sign-ins add to the counters of people."""


def is_sign_in(event: Event) -> bool:
    """Whether an event may be somebody's first sign-in of a day. Events of former versions name no method, and have a
    mark of their own: one of them that comes again must not be counted anew."""
    return event["type"] == EventType.SESSION_STARTED and "method" in event.get("data", {})


def row_id(event: Event) -> str:
    """The id of the row of an event's person and month."""
    month = event["time"][:7]
    return f"{ROW}{month}#" + _digest(f"{month} {event['subject']}")


def day_of(event: Event) -> str:
    """The attribute of that row for the event's day."""
    return f"day_{event['time'][8:10]}"


def was_first(row: Mapping[str, Any] | None, event: Event) -> bool:
    """Whether this event is the one that was counted as the first sign-in of its day."""
    return bool(row and row.get(day_of(event)) == _digest(event["id"]))


def first_sign_ins(
    table: Table[ActivePerson], sign_ins: Sequence[Event], rows: Mapping[str, Row | None], expires_at: int
) -> FirstSignIns:
    """The first sign-ins among these, whose rows were read. A row that is changed is kept until `expires_at` (epoch
    seconds) at least."""
    first = FirstSignIns(counted={event["id"] for event in sign_ins if was_first(rows[row_id(event)], event)})
    by_row: dict[str, list[Event]] = {}
    for event in sign_ins:
        by_row.setdefault(row_id(event), []).append(event)
    for name, of_person in by_row.items():
        row = rows[name]
        days: dict[str, Event] = {}
        for event in of_person:
            if day_of(event) not in (row or {}):
                days.setdefault(day_of(event), event)
        if days:
            first.ids |= {event["id"] for event in days.values()}
            first.actions[name] = _marking(table, name, row, days, expires_at)
            first.counts.update(f"{event['time'][:13]}/{PEOPLE_OF_DAY}" for event in days.values())
            if row is None:
                begun = min(event["time"][:13] for event in days.values())
                first.counts.update([f"{begun}/{PEOPLE_OF_MONTH}"])
    return first


def _marking(
    table: Table[ActivePerson], name: str, row: Row | None, days: Mapping[str, Event], expires_at: int
) -> Action:
    is_as_read = absent() if row is None else present()
    for day in days:
        is_as_read &= Attr(day).not_exists()
    digests = {day: _digest(event["id"]) for day, event in days.items()}
    changes = {"schema": records.SCHEMA, "expires_at": expires_at, **digests}
    return table.updating({"id": name}, set=changes, condition=is_as_read)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:20]
