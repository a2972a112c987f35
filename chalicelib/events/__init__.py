"""Events: a change becomes one, is published, recorded, and read as a feed.

`change` says what a change means, `catalog` what each type's data holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core.errors import Conflict
from chalicelib.event_bus.envelope import (
    SESSION_KEPT,
    SESSIONS_ENDED,
    Event,
    EventType,
    checked,
    marked,
    redacted,
    too_large,
)
from chalicelib.events.countable import AGE_BANDS, SIGN_IN_METHODS, STATUSES
from chalicelib.events.erased import ID_LIMIT, IMPERSONAL, tombstones, without_the_erased

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from chalicelib.core.aws.dynamo import Key, ResultPage
    from chalicelib.core.erasure import Erased
    from chalicelib.events.rows import HistoryRow, Kept, Recorded

__all__ = [
    "AGE_BANDS",
    "ID_LIMIT",
    "IMPERSONAL",
    "SESSIONS_ENDED",
    "SESSION_KEPT",
    "SIGN_IN_METHODS",
    "STATUSES",
    "Event",
    "EventType",
    "changes_since",
    "checked",
    "count_recorded",
    "erase",
    "find",
    "find_kept",
    "history_about",
    "horizon",
    "keys_since",
    "marked",
    "publish_again",
    "recently_recorded",
    "recorded",
    "recorded_together",
    "redacted",
    "scanned",
    "schemas",
    "session_started",
    "tombstones",
    "too_large",
    "without_the_erased",
]


def horizon() -> str:
    """The timestamp up to which what was recorded can be read now."""
    from chalicelib.events import feed

    return feed.horizon()


def recorded(after: str, until: str, *, limit: int, types: Container[str] = ()) -> tuple[list[Event], str]:
    """Up to `limit` events of those types (any, where none is named) that were recorded after one position and before
    another, in that order and as they were published; and the position to go on from, which is `until` at the end."""
    from chalicelib.events.feed import read
    from chalicelib.events.store import history, original

    wanted = (lambda row: row["type"] in types) if types else None
    section = read(history(), after, until, limit=limit, wanted=wanted)
    return list(map(original, section.rows)), section.position


def recorded_together(after: str, until: str) -> tuple[list[Event], str]:
    """Events that were recorded after one position and before another, in that order and as they were published: some
    thousands, where there are so many; and the position to go on from, which is `until` at the end."""
    from chalicelib.events.feed import together
    from chalicelib.events.store import history, original

    section = together(history(), after, until)
    return list(map(original, section.rows)), section.position


def scanned(start: Key | None = None) -> ResultPage[Event]:
    """The events of a result page of the whole history, as they were published, from the key on at which the one before
    ended. Those that are older than what history keeps are left out."""
    from chalicelib.events import store

    return store.scanned(start)


def session_started(session: Mapping[str, Any]) -> dict[str, Any]:
    """The data of the event `session.started` of a session that is there."""
    from chalicelib.events.change import started

    return started(session)


def count_recorded(after: str, until: str, *, limit: int, types: Container[str] = ()) -> tuple[int, str]:
    """How many events of those types (any, where none is named) were recorded after one position and before another,
    counted up to `limit`; and the position up to which they are counted, which is `until` at the end."""
    from chalicelib.events.feed import count
    from chalicelib.events.store import history

    return count(history(), after, until, limit=limit, types=types)


def recently_recorded(since: str, limit: int) -> tuple[list[Recorded], bool]:
    """The newest events of each shard of the feed, at most `limit` of each shard and hour, that were recorded since a
    timestamp of this hour or the one before; and whether that is all of them."""
    from chalicelib.core import clock
    from chalicelib.events.rows import Recorded
    from chalicelib.events.store import history

    def milliseconds(row: HistoryRow) -> int:
        happened, was_recorded = (clock.parse(row[name].partition("#")[0]) for name in ("at", "recorded_at"))
        return round((was_recorded - happened).total_seconds() * 1000)

    newest = history().newest(since, limit)
    return [Recorded(row["type"], max(0, milliseconds(row))) for row in newest.rows], newest.through is None


def publish_again(past_events: Sequence[Event]) -> None:
    """Publish past events once more, marked `replayed`. Raises Unavailable where some must be published again, Conflict
    where SNS refuses an event that it took before."""
    from chalicelib.event_bus.publishing import publish

    refused = publish([marked(event, "replayed") for event in past_events], source="replay")
    if refused:
        raise Conflict(f"SNS refused {len(refused)} events that it took before: {refused[0].code}")


def history_about(user_id: str) -> Iterator[Event]:
    """Every event about this person, newest first."""
    from chalicelib.events.store import event_in, history

    return map(event_in, history().all_of(user_id))


def changes_since(user_id: str, moment: str) -> Iterator[Event]:
    """The events of this person's own record, not those of their sessions and items, from a timestamp on."""
    from chalicelib.events.store import event_in, history

    past_events = map(event_in, history().all_of(user_id, moment))
    return (event for event in past_events if event["id"].startswith("users:"))


def find(subject: str, time: str, event_id: str) -> Event | None:
    """An event by its own fields, as history has it now, or None where it has none."""
    from chalicelib.events import store

    return store.find(subject, time, event_id)


def find_kept(event_id: str, subject: str | None = None, time: str | None = None) -> Kept:
    """An event by its id, as history keeps it. Raises NotFound. See `lookup`."""
    from chalicelib.events import lookup

    return lookup.find_kept(event_id, subject, time)


def keys_since(subject: str, moment: str) -> Iterator[tuple[str, str]]:
    """The time and the id of each of a subject's events after a timestamp, oldest first."""
    from chalicelib.events import store

    return store.keys_since(subject, moment)


def erase(user_id: str) -> Erased:
    """Redact the data of up to 100 events about this person. See `store`."""
    from chalicelib.events.store import history

    return history().erase(user_id)
