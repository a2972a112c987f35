"""The range of hours or days that a request chooses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from chalicelib.core import clock
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.insights.model import periods_between
from chalicelib.insights.store import HOUR_DAYS

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.insights.schemas import InsightsQuery

STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}

LONGEST = {"hour": timedelta(days=7), "day": timedelta(days=366)}
"""Of a range: 168 hours or 366 days, each a row that is read."""

UNLESS_ASKED = {"hour": 24, "day": 30}
"""How many parts a range has that names no beginning. The last one of a range that names no end is running now."""


@dataclass(frozen=True)
class ChosenRange:
    """The hours or days of a range, oldest first."""

    by: Literal["hour", "day"]
    starts: list[datetime]

    @property
    def end(self) -> datetime:
        """The end of the last one."""
        return self.starts[-1] + STEPS[self.by]

    @property
    def periods(self) -> list[str]:
        """As the counters have them: `2026-03-01T10` or `2026-03-01`."""
        length = 13 if self.by == "hour" else 10
        return [clock.timestamp(start)[:length] for start in self.starts]


def chosen(query: InsightsQuery) -> ChosenRange | None:
    """The range of a request, or None where it asks for none. Raises Invalid for one that is too long, too long ago, or
    ends before it begins."""
    if query.since is None and query.until is None and query.by is None:
        return None
    by, now = query.by or "day", clock.now()
    until = clock.parse(query.until) if query.until else now + timedelta(milliseconds=1)
    try:
        since = clock.parse(query.since) if query.since else until - (UNLESS_ASKED[by] - 1) * STEPS[by]
    except OverflowError:
        raise _wrong("to", "lies at the beginning of time") from None
    if since >= until:
        raise _wrong("to", "must be later than `from`")
    if until - since > LONGEST[by]:
        raise _wrong("from", f"must be at most {LONGEST[by].days} days before `to`, by {by}")
    if by == "hour" and since < now - timedelta(days=HOUR_DAYS):
        raise _wrong("from", f"must be within the last {HOUR_DAYS} days, by hour")
    if until > now + STEPS["day"]:
        raise _wrong("to", "lies in the future")
    return ChosenRange(by, periods_between(since, until, STEPS[by]))


def _wrong(field: str, message: str) -> Invalid:
    return Invalid([FieldError(field=field, message=message)])
