"""An event that comes late brings back no data of a person who was erased in the meantime.

A queue, a redriven dead letter, a replay or the sweep can hold an event for weeks. Each consumer looks for the
tombstone of its subject. Where there is one, it keeps or sends only that the event happened.
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
"""The tombstones of erased persons, by user id."""

IMPERSONAL = frozenset(
    {
        EventType.USER_DELETED,
        EventType.SESSION_REVOKED,
        EventType.SESSION_EXPIRED,
        EventType.SESSION_REUSE_DETECTED,
        EventType.ITEM_DELETED,
    }
)
"""The types whose data are only ids, keys and reasons: their events stay as they are."""

ID_LIMIT = 128
"""Characters of a user id. A longer subject is no person, and DynamoDB would refuse the whole read for it."""

ITEMS_PAGE = {"table": "items"}
"""The job page from which an erasure is run again when an item came late."""


def subjects_of(event: dict[str, Any]) -> set[str]:
    """The subjects of the CloudEvents of an SQS batch. A message that is no CloudEvent has none."""
    subjects = set()
    for record in event.get("Records") or ():
        try:
            subject = wire.from_json(record["body"])["subject"]
        except (Malformed, KeyError, TypeError):
            continue
        if isinstance(subject, str) and 0 < len(subject) <= ID_LIMIT:
            subjects.add(subject)
    return subjects


def tombstones(subjects: Iterable[str]) -> Tombstones:
    """The tombstones of the erased ones of these subjects. See `accounts.tombstones`."""
    return accounts.tombstones(subjects)


def without_the_erased(event: Event, erased: Mapping[str, Person]) -> Event:
    """The event, redacted where it is about a person who was erased."""
    if event["subject"] not in erased or event["type"] in IMPERSONAL:
        return event
    return redacted(event)


def came_late(event: Event, erased: Mapping[str, Person]) -> bool:
    """Whether the event is about an item that was written after its person was removed. A write of an item does not
    read the person. The erasure itself finds items written before."""
    tombstone = erased.get(event["subject"])
    is_new = event["type"] == EventType.ITEM_CHANGED
    return is_new and tombstone is not None and bool(event["time"] >= tombstone["deleted_at"])


def erase_again(tombstone: Person) -> None:
    """Run the erasure of a person again, from their items on."""
    if "erasure" in tombstone:
        queue_page(tombstone["erasure"], "erasure", ITEMS_PAGE)
