"""Looking a person up as they were at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib import events
from chalicelib.accounts.store import people
from chalicelib.core import clock
from chalicelib.core.settings import settings
from chalicelib.directory.point_in_time import as_of

if TYPE_CHECKING:
    from chalicelib.core.aws.dynamo import Item

SETTLING = timedelta(minutes=2)
"""What changed longer ago is in history, unless its stream was lost: the sweep waits for as long."""


def person_at(user_id: str, moment: str) -> Item:
    """The person as they were at a timestamp. Raises NotFound, Gone and Unavailable as `undoing.as_of` does.

    Costs one read of the person and, where they have changed since, one query of their history since then.
    """
    now = clock.now()
    return as_of(
        people().known(user_id),
        events.changes_since(user_id, moment),
        moment,
        kept_since=clock.timestamp(now - timedelta(days=settings().history_days)),
        settled_until=clock.timestamp(now - SETTLING),
    )
