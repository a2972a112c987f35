"""Statistics over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalice import Blueprint
from pydantic import BaseModel, Field

from chalicelib.core import clock
from chalicelib.core.http.routing import SUPPORT, NoQuery, Request, declares
from chalicelib.insights.model import last_days, last_months, legacy_hashes, people
from chalicelib.insights.store import counters

if TYPE_CHECKING:
    from chalicelib.insights.model import Counts

insights = Blueprint(__name__)

DAYS = 30
MONTHS = 12


class Period(BaseModel):
    """What happened in a day or a month (UTC), by the time of the events."""

    registrations: int = 0
    invitations: int = 0
    imports: int = 0
    confirmations: int = 0
    deletions: int = 0
    sign_ins: int = 0
    blocked_accounts: int = 0
    reused_tokens: int = 0
    password_resets: int = 0


class Day(Period):
    date: str = Field(description="YYYY-MM-DD")


class Month(Period):
    month: str = Field(description="YYYY-MM")


class Statistics(BaseModel):
    """Counted from events, so a change is in it seconds after it was made."""

    users: int = Field(description="People there are now")
    legacy_hashes: dict[str, int] = Field(
        description="How many of them have a password hash of another system still, by its kind"
    )
    total: Period
    days: list[Day] = Field(description="The last 30, oldest first, the last of them today")
    months: list[Month] = Field(description="The last 12, oldest first, the last of them this one")


@insights.route("/insights", methods=["GET", "HEAD"], content_types=[])
@declares(who=SUPPORT, answers={200: Statistics})
def read_insights(_request: Request[None, NoQuery]) -> Statistics:
    """Read how many people there are, also with old password hashes, and what happened in 30 days and 12 months."""
    now = clock.now()
    statistics = counters().read(last_days(now, DAYS), last_months(now, MONTHS))

    def period(counts: Counts) -> dict[str, int]:
        return {name: counts[name] for name in Period.model_fields}

    return Statistics(
        users=people(statistics.total),
        legacy_hashes=legacy_hashes(statistics.total),
        total=Period(**period(statistics.total)),
        days=[Day(date=day, **period(counts)) for day, counts in statistics.days.items()],
        months=[Month(month=month, **period(counts)) for month, counts in statistics.months.items()],
    )
