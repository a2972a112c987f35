"""Each event is counted once, whatever queue, crash and hour do to it."""

from __future__ import annotations

import random
import zlib
from contextlib import nullcontext
from itertools import count as count_up

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.errors import Transient
from chalicelib.core.wiring import INSIGHTS_MESSAGES
from chalicelib.insights.counted import KINDS
from chalicelib.insights.counting import count_events
from chalicelib.insights.rollup import roll_up
from chalicelib.insights.routes import insights as routes
from chalicelib.insights.store import TALLIES
from tests.functional.apps import ApiClient
from tests.functional.faults import Crash, crashing, failing, listening
from tests.functional.streams import queue_event
from tests.functional.test_events_feed import happened
from tests.replies import refused

pytestmark = pytest.mark.usefixtures("held_clock")


def event(number, kind="user.registered", time="2026-03-01T10:00:00.000Z"):
    return {**happened(number, kind), "time": time}


def count(*events):
    count_events(queue_event("insights", events))


@pytest.fixture
def statistics(aws):
    """What `GET /insights` says now."""
    api = ApiClient(routes)
    api.sign_in("A1", "support")
    return lambda: api.call("GET", "/insights").body


def today(body):
    """The plain counts of today that are not zero."""
    return {name: number for name, number in body["days"][-1].items() if number and type(number) is int}


@pytest.mark.slow
@pytest.mark.peers
def test_what_happened_is_seen_at_once_and_after_the_roll_up_alike(aws, statistics):
    count(event(1), event(2), event(3, "session.started"), event(4, "user.deleted"), event(5, "item.changed"))
    before = statistics()
    assert today(before) == {"registrations": 2, "sign_ins": 1, "deletions": 1}
    assert before["users"] == 1
    roll_up()
    assert statistics() == before
    names = {name for row in aws.rows("insights") for name in row}
    assert "id" in names
    assert [name for name in names if "/" in name] == []


def test_days_months_and_total_are_told_apart(aws, statistics):
    times = ["2025-03-31T23:59:59.999Z", "2026-02-28T00:00:00.000Z", "2026-03-01T00:00:00.000Z"]
    count(*(event(n, time=time) for n, time in enumerate(times)))
    roll_up()
    body = statistics()
    assert [day["date"] for day in body["days"] if day["registrations"]] == ["2026-02-28", "2026-03-01"]
    assert [month["month"] for month in body["months"] if month["registrations"]] == ["2026-02", "2026-03"]
    assert body["total"]["registrations"] == 3
    assert (len(body["days"]), len(body["months"])) == (30, 12)


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00.000Z"])
def test_an_event_at_the_end_of_time_keeps_no_other_from_being_rolled_up(aws, statistics, time):
    count(event(1, time=time))
    count(event(2))
    roll_up()
    assert [name for row in aws.rows("insights") for name in row if "/" in name] == []
    assert (today(statistics()), statistics()["users"]) == ({"registrations": 1}, 2)


@pytest.mark.slow
def test_duplicates_in_any_order_and_any_batches_are_counted_once(aws, statistics):
    chance = random.Random(7)
    deliveries = [event(n) for n in range(60) for _ in range(chance.randint(1, 3))]
    chance.shuffle(deliveries)
    while deliveries:
        size = chance.choice([1, 2, 10])
        count(*deliveries[:size])
        deliveries = deliveries[size:]
        if chance.random() < 0.2:
            roll_up()
    assert today(statistics()) == {"registrations": 60}


def test_a_batch_is_one_transaction_of_two_writes_for_one_event(aws):
    with telemetry.recording() as seen:
        count(*(event(n) for n in range(INSIGHTS_MESSAGES)))
    assert seen.names == ["TransactWriteItems"]
    with telemetry.recording() as seen:
        count(event(11))
    (call,) = seen.calls
    assert len(call.parameters["TransactItems"]) == 2


def test_what_is_not_counted_costs_nothing(aws):
    with telemetry.recording() as seen:
        count(event(1, "item.changed"), {**event(2), "replayed": "true"})
    assert seen.names == []


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_around_the_transaction_counts_none_twice_and_none_less(aws, statistics, after):
    with crashing("dynamodb", "TransactWriteItems", after=after), pytest.raises(Crash):
        count(event(1), event(2))
    count(event(1), event(2))
    assert today(statistics()) == {"registrations": 2}


@pytest.mark.slow
@pytest.mark.peers
@pytest.mark.parametrize("after", [False, True])
def test_a_crash_in_the_roll_up_moves_none_twice_and_none_less(aws, statistics, after):
    count(event(1), event(2))
    count(event(3))
    with crashing("dynamodb", "TransactWriteItems", after=after), pytest.raises(Crash):
        roll_up()
    roll_up()
    roll_up()
    assert today(statistics()) == {"registrations": 3}


def test_a_roll_up_reads_each_tally_and_writes_only_what_holds_something(aws):
    count(event(1))
    with telemetry.recording() as seen:
        roll_up()
    assert len(seen.of("TransactWriteItems")) == 1
    assert len(seen.of("GetItem")) == TALLIES + 1
    with telemetry.recording() as seen:
        roll_up()
    assert set(seen.names) == {"GetItem"}


def test_a_tally_that_grows_while_it_is_rolled_up_loses_nothing(aws, statistics):
    def tally_of(number):
        return zlib.crc32(event(number)["id"].encode()) % TALLIES

    count(event(0))
    same_tally = [number for number in range(1, 99) if tally_of(number) == tally_of(0)][:1]

    def grow(parsed, **_):
        if "Item" in parsed and same_tally:
            count(event(same_tally.pop()))

    growing = listening(clients.client("dynamodb"), "after-call.dynamodb.GetItem", grow)
    with growing, telemetry.recording() as seen:
        roll_up()
    assert "TransactionCanceledException" in [call.error for call in seen.calls]
    assert today(statistics()) == {"registrations": 2}


@pytest.mark.slow
def test_days_of_a_long_backlog_are_rolled_up_in_parts(aws, statistics):
    days = [f"2026-0{1 + n // 28}-{1 + n % 28:02d}T10:00:00.000Z" for n in range(56)]
    for start in range(0, 56, 8):
        count(*(event(0, time=days[n]) | {"id": f"users:U{n}:1:0"} for n in range(start, start + 8)))
    roll_up()
    body = statistics()
    assert [month["registrations"] for month in body["months"][-3:]] == [28, 28, 0]


@pytest.mark.slow
def test_however_many_counters_there_are_each_expression_has_room(aws):
    """DynamoDB takes expressions of 4 KB, and the local one any."""
    in_one_tally = (f"users:{n}:1:0" for n in count_up() if zlib.crc32(f"users:{n}:1:0".encode()) % TALLIES == 0)
    told = [
        {**event(0, time=f"2025-12-{day:02}T10:00:00.000Z"), "id": next(in_one_tally), "data": moved}
        for day in range(1, 31)
        for moved in ({"legacy_hash": {"before": kind}} for kind in sorted(KINDS))
    ]
    with telemetry.recording() as seen:
        for start in range(0, len(told), 90):
            count(*told[start : start + 90])
        roll_up()
        roll_up()
    actions = [action for call in seen.of("TransactWriteItems") for action in call.parameters["TransactItems"]]
    changes = [len(action["Update"]["UpdateExpression"]) for action in actions if "Update" in action]
    assert max(changes) <= 4096
    names = {name for row in aws.rows("insights") for name in row}
    assert "id" in names
    assert [name for name in names if "/" in name] == []


def test_what_is_no_event_is_parked_and_its_neighbours_are_counted(aws, statistics):
    count(event(1), "{", {"specversion": "1.0"}, event(2))
    assert today(statistics()) == {"registrations": 2}
    assert len(aws.take("insights-dlq")) == 2


def test_throttles_bring_the_batch_again(aws, statistics):
    with (
        failing("dynamodb", "TransactWriteItems", "ThrottlingException"),
        pytest.raises(Transient, match="1 records of insights must come again"),
    ):
        count(event(1))
    count(event(1))
    assert today(statistics()) == {"registrations": 1}


def test_statistics_are_one_read(aws, statistics):
    with telemetry.recording() as seen:
        statistics()
    assert seen.names == ["BatchGetItem"]


def test_statistics_are_for_staff(aws):
    api = ApiClient(routes)
    assert api.call("GET", "/insights").status == 401
    api.sign_in("U1")
    assert api.call("GET", "/insights").status == 403


def test_what_was_counted_is_remembered_longer_than_any_message_lives(aws):
    count(event(1))
    (seen,) = [row for row in aws.rows("insights") if row["id"].startswith("seen#")]
    assert seen["expires_at"] > clock.epoch() + 28 * 86400


@pytest.mark.parametrize(("conflicts", "comes_again"), [(2, False), (99, True)])
def test_counting_that_meets_other_counting_tries_again(aws, statistics, conflicts, comes_again):
    left = [None] * conflicts

    def conflict(**_):
        if not left:
            return None
        left.pop()
        status, answer = refused("TransactionCanceledException")
        return status, {**answer, "CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict"}]}

    listened = clients.client("dynamodb").meta.events
    listened.register_first("before-call.dynamodb.TransactWriteItems", conflict)
    with pytest.raises(Transient, match="1 records of insights must come again") if comes_again else nullcontext():
        count(event(1))
    listened.unregister("before-call.dynamodb.TransactWriteItems", conflict)
    assert today(statistics()) == ({} if comes_again else {"registrations": 1})
