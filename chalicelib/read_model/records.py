"""What the records of DynamoDB add to a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib import events
from chalicelib.read_model import projection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.read_model.statements import Rows


def add_person(rows: Rows, person: Mapping[str, Any]) -> None:
    """Add a row of `users`: a person, or the tombstone of one."""
    if "deleted_at" in person:
        rows.add_tombstone(
            projection.tombstone("people", person["id"], int(person["version"]), person["deleted_at"])
        )
    else:
        rows.add_person(projection.person_row(person), projection.identity_rows(person))


def add_item(rows: Rows, item: Mapping[str, Any]) -> None:
    """Add a row of `items`: an item, or the tombstone of one."""
    if "deleted_at" in item:
        owner, key, version = item["user_id"], item["item_key"], int(item["version"])
        rows.add_tombstone(projection.tombstone("items", owner, version, item["deleted_at"], key=key))
    else:
        rows.add_item(projection.item_row(item))


def add_session(rows: Rows, session: Mapping[str, Any]) -> None:
    """Add a row of `sessions` that is there. Of one that has ended the events say more than its tombstone."""
    if "deleted_at" not in session:
        rows.add_session(projection.session_row(session, events.session_started(session)))


def add_membership(rows: Rows, membership: Mapping[str, Any]) -> None:
    """Add a row of `segments` about a person, who is in the segment or was."""
    rows.add_membership(projection.membership_row(membership))
