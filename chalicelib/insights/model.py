"""How counts are told apart by time and added up, and what they say of all people. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.insights.counted import AGE, LEGACY, NAMES, STATUS, Counts

if TYPE_CHECKING:
    from collections.abc import Mapping

ARRIVALS = ("registrations", "invitations", "imports")
"""Each of these adds a person; a deletion takes one away."""


def by_period(counters: Mapping[str, Any]) -> dict[str, Counts]:
    """The counts of each hour, from counters such as `2026-03-01T10/sign_ins`. Other attributes of a tally are left
    out. Former versions counted by day, `2026-03-01/sign_ins`."""
    periods: dict[str, Counts] = {}
    for key, count in counters.items():
        period, slash, name = key.partition("/")
        if slash:
            periods.setdefault(period, {})[name] = int(count)
    return periods


def added(*parts: Mapping[str, Any]) -> Counts:
    """The sum of counts, name by name. Every name of NAMES is in it, and whatever else a part has."""
    further = {name for part in parts for name in part if name not in NAMES}
    return {name: sum(int(part.get(name, 0)) for part in parts) for name in (*NAMES, *sorted(further))}


def people(totals: Counts) -> int:
    """How many people there are: all arrivals less all deletions."""
    return sum(totals[name] for name in ARRIVALS) - totals["deletions"]


def legacy_hashes(totals: Counts) -> Counts:
    """How many passwords still have a hash of another system, by its kind."""
    return {kind: count for kind, count in sorted(of_prefix(totals, LEGACY).items()) if count}


def ages(totals: Counts) -> Counts:
    """How many people there are in each band of ages that anybody was counted in."""
    return of_prefix(totals, AGE)


def disabled(totals: Counts) -> int:
    """How many people are disabled."""
    return max(0, totals.get(f"{STATUS}disabled", 0))


def of_prefix(counts: Mapping[str, int], prefix: str) -> Counts:
    """The counters whose names begin so, by what follows."""
    return {name.removeprefix(prefix): count for name, count in counts.items() if name.startswith(prefix)}


def last_days(now: datetime, number: int) -> list[str]:
    """So many days, oldest first, the last one is today (UTC)."""
    today = now.astimezone(UTC).date()
    return [(today - timedelta(days=days_ago)).isoformat() for days_ago in reversed(range(number))]


def last_months(now: datetime, number: int) -> list[str]:
    """So many months (`2026-03`), oldest first, the last one is this month (UTC)."""
    first = now.astimezone(UTC).date().replace(day=1)
    months: list[date] = []
    for _ in range(number):
        months.append(first)
        first = (first - timedelta(days=1)).replace(day=1)
    return [month.isoformat()[:7] for month in reversed(months)]


def periods_between(since: datetime, until: datetime, step: timedelta) -> list[datetime]:
    """The hours or days that have a part between two times, oldest first, by their beginnings in UTC. `step` is an hour
    or a day."""
    begin = since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    if step >= timedelta(days=1):
        begin = begin.replace(hour=0)
    number = -((begin - until) // step)
    return [begin + n * step for n in range(number)]
