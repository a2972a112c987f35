"""Events: a change becomes one, is published, recorded, read as a feed, and sent again.

`change` says what a change means, `catalog` what each type's data holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.events.erased import tombstones, without_the_erased
from chalicelib.events.model import Event, EventType, checked, redacted, to_json, too_large

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.core.erasing import Erased

__all__ = [
    "Event",
    "EventType",
    "changes_since",
    "checked",
    "erase",
    "history_about",
    "redacted",
    "replay_page",
    "to_json",
    "tombstones",
    "too_large",
    "without_the_erased",
]


def replay_page(job_id: str, page: dict[str, Any]) -> dict[str, Any] | None:
    """Publish one page of a replay again: the next page, or None at the end. See `replay`."""
    from chalicelib.events import replay

    return replay.replay_page(job_id, page)


def history_about(user_id: str) -> Iterator[Event]:
    """Every event about this person, newest first."""
    from chalicelib.events.store import event_in, history

    return map(event_in, history().all_of(user_id))


def changes_since(user_id: str, moment: str) -> Iterator[Event]:
    """The events of this person's own record, not those of their sessions and items, from a timestamp on."""
    from chalicelib.events.store import event_in, history

    found = map(event_in, history().all_of(user_id, moment))
    return (event for event in found if event["id"].startswith("users:"))


def erase(user_id: str) -> Erased:
    """Redact the data of up to 100 events about this person. See `store`."""
    from chalicelib.events.store import history

    return history().erase(user_id)
