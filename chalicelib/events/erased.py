"""What comes late, about somebody who was erased in the meantime, brings nothing of them back.

A queue, a dead letter that is redriven, a replay or the sweep can hold an event for weeks. Whoever takes one looks for
its subject's tombstone, and keeps or sends no more than that it happened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib import accounts
from chalicelib.core import wire
from chalicelib.core.errors import Malformed
from chalicelib.event_bus.envelope import Event, EventType, redacted
from chalicelib.jobs import queue_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chalicelib.accounts.rows import Person

Tombstones = dict[str, "Person"]
"""Of those who were erased, by their id."""

IMPERSONAL = frozenset(
    {
        EventType.USER_DELETED,
        EventType.SESSION_REVOKED,
        EventType.SESSION_EXPIRED,
        EventType.SESSION_REUSE_DETECTED,
        EventType.ITEM_DELETED,
    }
)
"""The types whose data are ids, keys and reasons: they stay as they are."""

ID_LIMIT = 128
"""Characters of a person's id. A longer subject is nobody's, and DynamoDB would refuse the whole read for it."""

ITEMS_AGAIN = {"table": "items"}
"""The page of an erasure from which it is run again when an item came late."""


def subjects_of(event: dict[str, Any]) -> set[str]:
    """The subjects of the CloudEvents in an SQS event; whatever is none has none."""
    found = set()
    for record in event.get("Records") or ():
        try:
            subject = wire.from_json(record["body"])["subject"]
        except (Malformed, KeyError, TypeError):
            continue
        if isinstance(subject, str) and 0 < len(subject) <= ID_LIMIT:
            found.add(subject)
    return found


def tombstones(subjects: Iterable[str]) -> Tombstones:
    """The tombstones of those subjects who were erased. See `accounts.tombstones`."""
    return accounts.tombstones(subjects)


def without_the_erased(event: Event, erased: Mapping[str, Person]) -> Event:
    """The event, redacted where it is about somebody who was erased."""
    if event["subject"] not in erased or event["type"] in IMPERSONAL:
        return event
    return redacted(event)


def came_late(event: Event, erased: Mapping[str, Person]) -> bool:
    """Whether the event tells of an item that was written for somebody after they were removed. Items are written
    without a look at the person; what was written before that, the erasure finds."""
    tombstone = erased.get(event["subject"])
    is_new = event["type"] == EventType.ITEM_CHANGED
    return is_new and tombstone is not None and bool(event["time"] >= tombstone["deleted_at"])


def erase_again(tombstone: Person) -> None:
    """Run the erasure of somebody again, from their items on."""
    if "erasure" in tombstone:
        queue_page(tombstone["erasure"], "erasure", ITEMS_AGAIN)
