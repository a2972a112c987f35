"""One event by its id. History keeps it by its subject and time, which the id of most events leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib import sessions
from chalicelib.core.errors import NotFound
from chalicelib.event_bus.envelope import record_of
from chalicelib.events.rows import Kept
from chalicelib.events.store import history, original

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.events.rows import HistoryRow

SPLITS = 4
"""How many parts of the key of an item's event may be the user id, which may have slashes as the key may."""


def find_kept(event_id: str, subject: str | None = None, time: str | None = None) -> Kept:
    """What history keeps of an event. See `find_row`."""
    row = find_row(event_id, subject, time)
    return Kept(original(row), row["recorded_at"].partition("#")[0], row.get("erased_at"))


def find_row(event_id: str, subject: str | None = None, time: str | None = None) -> HistoryRow:
    """The row of an event: one read with its own `subject` and `time` (a timestamp). Without the subject it follows
    from the id; without the time the newest 5 MB of the subject's events are searched. Raises NotFound where it is not
    there, or has expired."""
    for candidate in [subject] if subject else _subjects(event_id):
        row = history().at(candidate, time, event_id) if time else history().search(candidate, event_id)
        if row is not None:
            return row
    raise NotFound("there is no such event; its `subject` and `time` find an older one")


def _subjects(event_id: str) -> Iterator[str]:
    """The subjects that an event of this id may have."""
    table, key = record_of(event_id)
    if table == "sessions":
        session = sessions.find(key)
        if session is not None:
            yield session["user_id"]
    elif table == "items":
        parts = key.split("/")
        yield from ("/".join(parts[:number]) for number in range(1, min(len(parts), SPLITS + 1)))
    elif key:
        yield key
