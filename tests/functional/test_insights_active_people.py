"""People are counted once a day and once a month, however often they sign in and whatever comes twice."""

from __future__ import annotations

import random
from itertools import product

import pytest

from chalicelib.core.aws import clients, telemetry
from chalicelib.insights import active_people
from chalicelib.insights.counting import count_events
from chalicelib.insights.rollup import roll_up
from chalicelib.insights.store import TOTAL, counters
from tests.functional.faults import Crash, crashing, listening
from tests.functional.streams import queue_event

pytestmark = pytest.mark.usefixtures("held_clock")


def sign_in(person, number, time="2026-03-01T10:00:00.000Z", **data):
    return {
        "specversion": "1.0",
        "id": f"sessions:S{person}{number}:1:0",
        "source": "https://rollcall.example",
        "type": "session.started",
        "subject": person,
        "time": time,
        "sequence": "000000000001",
        "data": {"method": "password", **data},
    }


def count(*events):
    count_events(queue_event("insights", events))


def active(*periods):
    """The people of each period, of days and of months, and the sign-ins."""
    counts = counters().read(periods)
    return [
        (counts[period]["people_of_day" if len(period) == 10 else "people_of_month"], counts[period]["sign_ins"])
        for period in periods
    ]


def test_a_person_is_counted_once_a_day_and_once_a_month(aws):
    count(sign_in("U1", 1), sign_in("U1", 2), sign_in("U2", 1))
    count(sign_in("U1", 3), sign_in("U1", 4, time="2026-03-02T00:00:00.000Z"))
    assert active("2026-03-01", "2026-03-02", "2026-03") == [(2, 4), (1, 1), (2, 5)]
    roll_up()
    assert active("2026-03-01", "2026-03-02", "2026-03") == [(2, 4), (1, 1), (2, 5)]
    assert active("2026-04") == [(0, 0)]


def test_a_first_sign_in_that_comes_again_is_counted_once(aws):
    count(sign_in("U1", 1))
    count(sign_in("U1", 2))
    for number in (2, 1, 1, 2):
        count(sign_in("U1", number))
    assert active("2026-03-01", "2026-03") == [(1, 2), (1, 2)]


@pytest.mark.slow
def test_duplicates_and_disorder_over_days_change_nothing(aws):
    chance = random.Random(3)
    sign_ins = [
        sign_in(f"U{person}", f"{day}{number}", time=f"2026-03-{day:02}T{number:02}:00:00.000Z")
        for person, day, number in product(range(4), range(1, 4), range(3))
    ]
    deliveries = [event for event in sign_ins for _ in range(chance.randint(1, 3))]
    chance.shuffle(deliveries)
    while deliveries:
        size = chance.choice([1, 3, 20])
        count(*deliveries[:size])
        deliveries = deliveries[size:]
    assert active("2026-03-01", "2026-03-02", "2026-03-03", "2026-03") == [(4, 12)] * 3 + [(4, 36)]


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_around_the_transaction_counts_nobody_twice(aws, after):
    with crashing("dynamodb", "TransactWriteItems", after=after), pytest.raises(Crash):
        count(sign_in("U1", 1), sign_in("U1", 2))
    count(sign_in("U1", 2), sign_in("U1", 1))
    assert active("2026-03-01", "2026-03") == [(1, 2), (1, 2)]


def test_two_first_sign_ins_at_the_same_time_are_one_person(aws):
    others = [sign_in("U1", 2)]

    def meanwhile(**_):
        if others:
            count(others.pop())

    with listening(clients.client("dynamodb"), "after-call.dynamodb.BatchGetItem", meanwhile):
        count(sign_in("U1", 1))
    assert active("2026-03-01", "2026-03") == [(1, 2), (1, 2)]


def test_what_a_former_version_counted_is_not_counted_again(aws):
    aws.put("insights", {"id": "seen#sessions:SU11:1:0", "schema": 1, "expires_at": 1790000000})
    count({**sign_in("U1", 1), "data": {}})
    assert active("2026-03-01") == [(0, 0)]
    count(sign_in("U1", 2))
    assert active("2026-03-01") == [(1, 1)]


def test_a_sign_in_is_marked_by_one_row_which_names_nobody(aws):
    with telemetry.recording() as seen:
        count(sign_in("U1", 1))
    assert seen.names == ["BatchGetItem", "TransactWriteItems"]
    assert len(seen.of("TransactWriteItems")[0].parameters["TransactItems"]) == 2
    (row,) = [row for row in aws.rows("insights") if row["id"].startswith(active_people.ROW)]
    assert "U1" not in str(row)
    assert counters().was_counted(sign_in("U1", 1))
    assert not counters().was_counted(sign_in("U1", 2))


@pytest.mark.slow
def test_a_month_of_days_stays_below_a_kilobyte(aws):
    count(*(sign_in("U1", day, time=f"2026-03-{day:02}T12:00:00.000Z") for day in range(1, 32)))
    (row,) = [row for row in aws.rows("insights") if row["id"].startswith(active_people.ROW)]
    assert sum(len(f"{name}{value}") for name, value in row.items()) < 1024
    assert active("2026-03") == [(1, 31)]


def test_methods_and_second_factors_are_counted(aws):
    count(
        sign_in("U1", 1, method="password", second_factor=True),
        sign_in("U1", 2, method="passkey"),
        sign_in("U2", 3, method="password"),
        sign_in("U3", 4),
        sign_in("U3", 5, method="forged"),
    )
    total = counters().read([TOTAL])[TOTAL]
    assert (total["method:password"], total["method:passkey"], total["second_factors"]) == (3, 1, 1)
    assert len(aws.take("insights-dlq")) == 1
