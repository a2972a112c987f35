"""The views of the read model over HTTP."""

from __future__ import annotations

from datetime import date, timedelta

from chalice import Blueprint
from pydantic import BaseModel, Field

from chalicelib.core import clock
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.http.models import QueryModel
from chalicelib.core.http.routing import SUPPORT, Request, declares
from chalicelib.read_model.query import ask

views = Blueprint(__name__)

LONGEST = timedelta(days=371)
"""53 weeks. Of so many, cohorts have some 2,900 rows, and no view has more."""

UNLESS_ASKED = timedelta(weeks=12)


class ViewQuery(QueryModel):
    since: date | None = Field(default=None, alias="from", description="12 weeks before `to` if absent")
    until: date | None = Field(default=None, alias="to", description="Not included; tomorrow if absent")


class CohortWeek(BaseModel):
    """Of those who arrived in a week and are still here, how many signed in so many weeks later."""

    week: date = Field(description="The Monday, in UTC, of the week in which they arrived")
    imported: bool = Field(description="Whether an import brought them")
    weeks_later: int = Field(description="0 is the week itself")
    people: int = Field(description="How many arrived")
    came_back: int


class SignInsOfDay(BaseModel):
    """Sign-ins of a day by their first factor."""

    day: date = Field(description="In UTC")
    method: str = Field(description="password, mailed_code, passkey, connection or unknown")
    sign_ins: int
    with_second_factor: int
    on_new_device: int
    after_import: int = Field(description="The first ones of imported people")


class ConfirmationsOfWeek(BaseModel):
    """Of those who arrived in a week and are still here, how many confirmed their address and then signed in."""

    week: date = Field(description="The Monday, in UTC, of the week in which they arrived")
    source: str = Field(description="registration, import, admin, invitation, connection or unknown")
    registered: int
    confirmed: int
    signed_in: int = Field(description="How many of the confirmed have signed in")
    within_an_hour: int = Field(description="Confirmations")
    within_a_day: int
    p50_seconds: float | None = Field(
        description="Half of the confirmations took no longer; null if none is recorded"
    )
    p90_seconds: float | None
    p99_seconds: float | None


class ViewOfDays(BaseModel):
    view: str
    start: date
    end: date = Field(description="Not included")
    as_of: str | None = Field(
        description="When it was counted, which happens every hour; null where there are no rows"
    )
    rows: list[CohortWeek] | list[SignInsOfDay] | list[ConfirmationsOfWeek] = Field(description="Oldest first")


@views.route("/insights/views/{view}", methods=["GET", "HEAD"], content_types=[])
@declares(who=SUPPORT, query=ViewQuery, answers={200: ViewOfDays})
def read_view(request: Request[None, ViewQuery], view: str) -> ViewOfDays:
    """Read a view of the read model: `cohorts` by week, `sign_ins` by day and method, or `confirmations` by week. It is
    there only where the stage has a read model."""
    start, end = period(request.query.since, request.query.until)
    answer = ask("view", view=view, since=start.isoformat(), until=end.isoformat())
    return ViewOfDays(view=view, start=start, end=end, **answer)


def period(since: date | None, until: date | None) -> tuple[date, date]:
    """The days of a question: until tomorrow where it names no end, from UNLESS_ASKED before where it names no
    beginning. Raises Invalid where they are more than LONGEST, or none."""
    try:
        end = until or clock.now().date() + timedelta(days=1)
        begin = since or end - UNLESS_ASKED
    except OverflowError:
        raise _wrong("to", "lies at the beginning of time") from None
    if begin >= end:
        raise _wrong("to", "must be later than `from`")
    if end - begin > LONGEST:
        raise _wrong("from", f"must be at most {LONGEST.days} days before `to`")
    return begin, end


def _wrong(field: str, message: str) -> Invalid:
    return Invalid([FieldError(field=field, message=message)])
