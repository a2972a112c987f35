"""Times that are relative to the moment at which a filter is asked: `-7d`, `now`."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_RELATIVE = re.compile(r"([+-])(\d{1,5})(min|h|d|w|mo|y)")
_UNITS = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_MONTHS = {"mo": 1, "y": 12}

EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True)
class Relative:
    """So many units from now: `count` is negative for what is past. Months and years are those of the calendar; the
    31st counts as the last day of a shorter month."""

    count: int
    unit: str

    def __str__(self) -> str:
        return f"{self.count:+}{self.unit}" if self.count else "now"

    def at(self, now: datetime) -> datetime:
        """The time that is meant at this moment; the earliest or the latest there is where it would lie beyond."""
        try:
            if self.unit in _MONTHS:
                return _months_later(now, self.count * _MONTHS[self.unit])
            return min(now + self.count * _UNITS[self.unit], LATEST)
        except (OverflowError, ValueError):
            return EARLIEST if self.count < 0 else LATEST


NOW = Relative(0, "d")


def relative(text: str) -> Relative | None:
    """What such a text means; None where it is not one."""
    if text.lower() == "now":
        return NOW
    match = _RELATIVE.fullmatch(text)
    if not match:
        return None
    count = int(match[1] + match[2])
    return Relative(count, match[3]) if count else NOW


def _months_later(now: datetime, months: int) -> datetime:
    year, month = divmod(now.year * 12 + now.month - 1 + months, 12)
    day = min(now.day, calendar.monthrange(year, month + 1)[1])
    return min(now.replace(year=year, month=month + 1, day=day), LATEST)
