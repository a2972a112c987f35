"""Statistics over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib.core import clock
from chalicelib.core.http.routing import SUPPORT, NoQuery, Request, declares
from chalicelib.events import AGE_BANDS
from chalicelib.insights import ranges
from chalicelib.insights.counted import MAILS, METHOD, PEOPLE_OF_DAY, PEOPLE_OF_MONTH, WEBHOOKS
from chalicelib.insights.flow import flow_now
from chalicelib.insights.model import ages, disabled, last_days, last_months, legacy_hashes, of_prefix, people
from chalicelib.insights.schemas import (
    AgeBand,
    Day,
    Flow,
    InsightsQuery,
    MailOutcomes,
    Month,
    Period,
    Range,
    SignInMethods,
    Statistics,
    Statuses,
    WebhookOutcomes,
)
from chalicelib.insights.store import TOTAL, counters

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.insights.counted import Counts
    from chalicelib.insights.ranges import ChosenRange

insights = Blueprint(__name__)

DAYS = 30
MONTHS = 12


@insights.route("/insights", methods=["GET", "HEAD"], content_types=[])
@declares(who=SUPPORT, query=InsightsQuery, answers={200: Statistics})
def read_insights(request: Request[None, InsightsQuery]) -> Statistics:
    """Read how many people there are, of which ages, with which old password hashes; and what happened in 30 days, 12
    months, and a chosen range by hour or day."""
    now = clock.now()
    chosen = ranges.chosen(request.query)
    days, months = ([], []) if chosen else (last_days(now, DAYS), last_months(now, MONTHS))
    counts = counters().read([TOTAL, *days, *months, *(chosen.periods if chosen else [])])
    total = counts[TOTAL]
    everybody, by_age = people(total), {band: max(0, ages(total).get(band, 0)) for band in AGE_BANDS}
    return Statistics(
        users=everybody,
        statuses=Statuses(active=everybody - disabled(total), disabled=disabled(total)),
        ages=[AgeBand(years=band, people=count) for band, count in by_age.items()],
        ages_unknown=max(0, everybody - sum(by_age.values())),
        legacy_hashes=legacy_hashes(total),
        total=Period(**_period(total)),
        days=[Day(date=day, active_people=counts[day][PEOPLE_OF_DAY], **_period(counts[day])) for day in days],
        months=[
            Month(month=month, active_people=counts[month][PEOPLE_OF_MONTH], **_period(counts[month]))
            for month in months
        ],
        range=_range(chosen, counts) if chosen else None,
    )


@insights.route("/insights/flow", methods=["GET", "HEAD"], content_types=[])
@declares(who=SUPPORT, answers={200: Flow})
def read_flow(_request: Request[None, NoQuery]) -> Flow:
    """See how events flow: what was published in this hour and the one before, and what each consumer had of it."""
    return flow_now()


def _range(chosen: ChosenRange, counts: dict[str, Counts]) -> Range:
    series: dict[str, list[int]] = {}
    for period in chosen.periods:
        for name, count in _flat(Period(**_period(counts[period])).model_dump()):
            series.setdefault(name, []).append(count)
    if chosen.by == "day":
        series["active_people"] = [counts[period][PEOPLE_OF_DAY] for period in chosen.periods]
    first, end = clock.timestamp(chosen.starts[0]), clock.timestamp(chosen.end)
    return Range(start=first, end=end, by=chosen.by, series=series)


def _flat(period: dict[str, Any]) -> Iterator[tuple[str, int]]:
    for name, count in period.items():
        if isinstance(count, dict):
            yield from ((f"{name}.{part}", number) for part, number in count.items())
        else:
            yield name, count


def _period(counts: Counts) -> dict[str, Any]:
    return {
        **{name: count for name, count in counts.items() if name in Period.model_fields},
        "sign_in_methods": SignInMethods(**of_prefix(counts, METHOD)),
        "mails": MailOutcomes(**of_prefix(counts, MAILS)),
        "webhooks": WebhookOutcomes(**of_prefix(counts, WEBHOOKS)),
    }
