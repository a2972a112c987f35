"""Statistics of a chosen range, by hour and by day, and of everybody by age and status."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import telemetry
from chalicelib.insights.rollup import roll_up
from chalicelib.insights.routes import insights as routes
from tests.functional.apps import ApiClient
from tests.functional.test_insights_active_people import count, sign_in
from tests.functional.test_insights_counting import event

pytestmark = pytest.mark.usefixtures("held_clock")


@pytest.fixture
def ask(aws):
    """Ask for statistics, by these parameters."""
    api = ApiClient(routes)
    api.sign_in("A1", "support")
    return lambda query="": api.call("GET", f"/insights{query}")


def registrations(reply):
    """How many there were in each hour that had some."""
    chosen = reply.body["range"]
    first = clock.parse(chosen["start"])
    return {
        clock.timestamp(first + timedelta(hours=number)): count
        for number, count in enumerate(chosen["series"]["registrations"])
        if count
    }


def test_hours_are_told_before_and_after_they_are_rolled_up(ask):
    count(event(1, time="2026-03-01T08:59:59.999Z"), event(2, time="2026-03-01T09:00:00.000Z"), event(3))
    expected = {
        "2026-03-01T08:00:00.000Z": 1,
        "2026-03-01T09:00:00.000Z": 1,
        "2026-03-01T10:00:00.000Z": 1,
    }
    before = ask("?by=hour")
    assert registrations(before) == expected
    roll_up()
    assert ask("?by=hour").body == before.body
    assert {len(counts) for counts in before.body["range"]["series"].values()} == {24}
    assert before.body["range"]["end"] == "2026-03-01T13:00:00.000Z"
    assert "active_people" not in before.body["range"]["series"]
    assert before.body["days"] == before.body["months"] == []


def test_a_range_begins_and_ends_where_it_is_asked_to(ask):
    count(*(event(n, time=f"2026-02-{n:02}T23:30:00.000Z") for n in range(1, 29)))
    count(sign_in("U1", 1, time="2026-02-03T23:30:00.000Z"))
    reply = ask("?from=2026-02-03T12:00:00Z&to=2026-02-06T00:00:00Z")
    chosen = reply.body["range"]
    assert chosen["series"]["registrations"] == [1, 1, 1]
    assert chosen["series"]["active_people"] == [1, 0, 0]
    assert {"sign_in_methods.passkey", "mails.bounced", "webhooks.given_up"} <= chosen["series"].keys()
    assert (chosen["by"], chosen["start"]) == ("day", "2026-02-03T00:00:00.000Z")
    assert chosen["end"] == "2026-02-06T00:00:00.000Z"
    by_hour = ask("?by=hour&from=2026-02-03T23:59:00%2B00:00&to=2026-02-04T00:00:00.001Z")
    assert by_hour.body["range"]["series"]["registrations"] == [1, 0]


def test_without_parameters_there_is_no_range(ask):
    assert ask().body["range"] is None


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("by=week", "by"),
        ("from=yesterday", "from"),
        ("from=2026-03-01T12:00:00", "from"),
        ("from=2026-02-28T00:00:00Z&to=2026-02-28T00:00:00Z", "to"),
        ("from=2026-04-01T00:00:00Z", "to"),
        ("to=2026-04-01T00:00:00Z", "to"),
        ("from=2025-02-01T00:00:00Z", "from"),
        ("by=hour&from=2026-02-20T00:00:00Z", "from"),
        ("by=hour&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z", "from"),
        ("to=0001-01-02T00:00:00Z", "to"),
        ("by=hour&to=0001-01-01T00:00:00Z", "to"),
    ],
)
def test_a_range_that_there_cannot_be_is_refused_by_its_field(ask, query, field):
    reply = ask(f"?{query}")
    assert reply.status == 422
    assert [error["field"] for error in reply.body["errors"]] == [field]


@pytest.mark.slow
def test_the_longest_range_is_a_few_reads(ask):
    with telemetry.recording() as seen:
        assert ask("?from=2025-03-01T00:00:00Z").status == 200
    assert seen.names == ["BatchGetItem"] * 4


def test_an_hour_is_kept_for_five_weeks(aws, ask):
    count(event(1))
    roll_up()
    (hour,) = [row for row in aws.rows("insights") if row["id"] == "hour#2026-03-01T10"]
    assert hour["expires_at"] == int(clock.parse("2026-04-05T10:00:00Z").timestamp())
    assert [row["id"] for row in aws.rows("insights") if "expires_at" not in row and row["id"][:4] != "tall"]


def test_people_are_told_by_age_and_status(ask):
    def moved(number, kind, **data):
        return {**event(number, kind), "data": data}

    count(
        moved(1, "user.registered", age_band={"before": None, "after": "20-29"}),
        moved(2, "user.imported", age_band={"before": None, "after": "20-29"}),
        moved(3, "user.registered"),
        moved(4, "user.birthday", age_band={"before": "20-29", "after": "30-39"}),
        moved(5, "user.disabled", status={"before": None, "after": "disabled"}),
    )
    body = ask().body
    assert {band["years"]: band["people"] for band in body["ages"] if band["people"]} == {"20-29": 1, "30-39": 1}
    assert (body["users"], body["ages_unknown"]) == (3, 1)
    assert body["statuses"] == {"active": 2, "disabled": 1}
    count(moved(6, "user.deleted", status={"before": "disabled", "after": None}))
    assert ask().body["statuses"] == {"active": 2, "disabled": 0}


def test_who_was_there_before_ages_were_counted_takes_none_away(ask):
    count({**event(1, "user.deleted"), "data": {"age_band": {"before": "30-39", "after": None}}})
    assert {band["people"] for band in ask().body["ages"]} == {0}


def test_what_a_former_version_counted_by_day_is_rolled_up_with_the_rest(aws, ask):
    aws.put("insights", {"id": "tally#0", "schema": 1, "changes": 1, "2026-03-01/registrations": 4})
    count(event(1))
    before = ask().body
    assert before["days"][-1]["registrations"] == before["total"]["registrations"] == 5
    roll_up()
    assert ask().body == before
