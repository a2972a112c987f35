"""Counts: how they are named, added up, and told by day and month."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts import ELSEWHERE
from chalicelib.events import EventType
from chalicelib.insights.counted import COUNTED, KINDS, NAMES, PEOPLE_OF_DAY, PEOPLE_OF_MONTH, counters_of, tally
from chalicelib.insights.model import (
    added,
    by_period,
    last_days,
    last_months,
    legacy_hashes,
    people,
)
from chalicelib.insights.schemas import Period
from chalicelib.passwords.schemes import SCHEMES, kind

DAYS = st.dates().map(lambda day: day.isoformat())
EVENTS = st.builds(
    lambda kind, day: {"type": str(kind), "time": f"{day}T23:59:59.999Z"}, st.sampled_from(EventType), DAYS
)


@given(st.lists(EVENTS))
def test_a_tally_taken_apart_holds_each_counted_event_once(events):
    days = by_period({**tally(events), "id": "tally#0", "changes": 7})
    expected = Counter((e["time"][:13], COUNTED[e["type"]]) for e in events if e["type"] in COUNTED)
    assert {(day, name): n for day, counts in days.items() for name, n in counts.items()} == expected


@given(st.lists(st.dictionaries(st.sampled_from(NAMES), st.integers(0, 9)), max_size=4))
def test_a_sum_has_every_name_and_loses_none(parts):
    total = added(*parts)
    assert tuple(total) == NAMES
    assert sum(total.values()) == sum(sum(part.values()) for part in parts)


def test_items_are_not_counted():
    assert counters_of({"type": "item.changed", "time": "2026-03-01T12:00:00.000Z"}) == {}


def test_a_hash_of_another_system_is_counted_until_it_is_gone():
    def event(kind: str, before: str | None, after: str | None) -> dict:
        data = {"legacy_hash": {"before": before, "after": after}}
        return {"type": kind, "time": "2026-03-01T12:00:00.000Z", "data": data}

    came = [event("user.imported", None, kind) for kind in ("bcrypt", "bcrypt", "md5", "ldap")]
    went = [
        event("user.updated", "bcrypt", None),
        event("user.deleted", "md5", None),
        event("user.updated", "ldap", "md5"),
    ]
    totals = added(*by_period(tally([*came, *went])).values())
    assert legacy_hashes(totals) == {"bcrypt": 1, "md5": 1}
    assert (totals["imports"], totals["deletions"]) == (4, 1)


def test_people_are_those_who_came_less_those_who_went():
    totals = added({"registrations": 5, "invitations": 2, "imports": 10, "deletions": 3, "sign_ins": 99})
    assert people(totals) == 14


def test_days_end_with_today_in_utc():
    late = datetime(2026, 3, 1, 23, 30, tzinfo=timezone(timedelta(hours=-2)))
    assert last_days(late, 3) == ["2026-02-28", "2026-03-01", "2026-03-02"]


@pytest.mark.parametrize(
    ("now", "months"),
    [
        (datetime(2026, 3, 31, tzinfo=UTC), ["2026-01", "2026-02", "2026-03"]),
        (datetime(2026, 1, 1, tzinfo=UTC), ["2025-11", "2025-12", "2026-01"]),
    ],
)
def test_months_end_with_this_one(now, months):
    assert last_months(now, 3) == months


def test_all_that_is_counted_is_shown():
    shown = {*Period.model_fields, PEOPLE_OF_DAY, PEOPLE_OF_MONTH}
    assert shown - {"sign_in_methods", "mails", "webhooks"} == set(NAMES)


def test_every_kind_of_hash_that_there_is_has_a_counter_and_no_other():
    assert {*(scheme.kind for scheme in SCHEMES.values()), kind("no hash"), ELSEWHERE} == KINDS
