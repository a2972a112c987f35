"""The feed: every event in the order in which it was recorded, so that a reader who follows it misses none.

It stays a few seconds behind the present. A position is `<recorded timestamp>#<event id>`, or a bare timestamp; the
feed continues after it, however long ago a reader stopped.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.core import clock
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.ids import base64url, from_base64url
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Container

    from chalicelib.events.rows import HistoryRow
    from chalicelib.events.store import History

BEHIND = timedelta(seconds=10)
"""An event that is being recorded now may appear in the index a little later, with an earlier `recorded_at`."""

SEARCH_PAGE = 200
"""Rows of each shard that a read takes at once when it wants only some of them."""

COUNTED_AT_ONCE = 1000
"""Rows of each shard that are counted at once: about the megabyte that a result page may have."""

SEARCHED_PAGES = 48
"""Result pages of the index that one read goes through (two days, where an hour is one page). Then it returns what it
has."""


@dataclass(frozen=True)
class FeedSection:
    """The rows of one read, and the position to continue from."""

    rows: list[HistoryRow]
    position: str


def read(
    history: History,
    after: str,
    until: str,
    *,
    limit: int,
    wanted: Callable[[HistoryRow], bool] | None = None,
) -> FeedSection:
    """Up to `limit` wanted rows recorded after one position and before another, in the order of recording.

    Fewer, even none, do not mean the end: that is where the position has reached `until`.
    """
    rows: list[HistoryRow] = []
    position = max(after, _oldest())
    for _ in range(SEARCHED_PAGES):
        if position >= until:
            break
        end = min(next_hour(position), until)
        hour_part = history.hour(position, end, SEARCH_PAGE if wanted else limit)
        for row in hour_part.rows:
            if wanted is None or wanted(row):
                rows.append(row)
            if len(rows) == limit:
                return FeedSection(rows, row["recorded_at"])
        position = hour_part.through or end
    return FeedSection(rows, position)


def together(history: History, after: str, until: str) -> FeedSection:
    """The rows recorded after one position and before another, in the order of recording: as many as one result page of
    each shard of an hour has, which leaves out none that was read. None at all do not mean the end, as in `read`."""
    position = max(after, _oldest())
    for _ in range(SEARCHED_PAGES):
        if position >= until:
            break
        end = min(next_hour(position), until)
        hour_part = history.hour(position, end, COUNTED_AT_ONCE)
        position = hour_part.through or end
        if hour_part.rows:
            return FeedSection(hour_part.rows, position)
    return FeedSection([], position)


def count(history: History, after: str, until: str, *, limit: int, types: Container[str] = ()) -> tuple[int, str]:
    """How many rows of some types, or of any, were recorded after one position and before another, and the position
    up to which they are counted. It stops at `limit` rows, wanted or not, and after SEARCHED_PAGES result pages."""
    number, looked_at, position = 0, 0, max(after, _oldest())
    for _ in range(SEARCHED_PAGES):
        if position >= until or looked_at >= limit:
            break
        end = min(next_hour(position), until)
        hour_part = history.hour(position, end, COUNTED_AT_ONCE)
        looked_at += len(hour_part.rows)
        number += len([row for row in hour_part.rows if not types or row["type"] in types])
        position = hour_part.through or end
    return number, position


def horizon() -> str:
    """The position up to which the feed can be read now."""
    return clock.timestamp(clock.now() - BEHIND)


def _oldest() -> str:
    """The earliest timestamp that history still keeps."""
    return clock.timestamp(clock.now() - timedelta(days=settings().history_days))


def next_hour(position: str) -> str:
    """The first position of the hour after a position's."""
    moment = clock.parse(position.partition("#")[0])
    return clock.timestamp(moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1))


def to_cursor(position: str) -> str:
    """A position for a URL. It is not sealed, because a reader may pause for as long as history is kept, and a position
    says nothing that its reader has not read."""
    return base64url(position.encode())


def from_cursor(text: str) -> str:
    """The position of a cursor, or of an RFC 3339 time. Raises Invalid for what is neither."""
    try:
        return clock.timestamp(clock.parse(text))
    except ValueError:
        pass
    try:
        position = from_base64url(text).decode()
        moment = position.partition("#")[0]
        if clock.timestamp(clock.parse(moment)) != moment:
            raise ValueError("not a position")
    except ValueError as error:
        raise Invalid(
            [FieldError(field="after", message="is neither a cursor of this feed nor a time")]
        ) from error
    return position
