"""Every event is recorded once, a person's history can be read, and erasure leaves no data in it."""

from __future__ import annotations

import itertools
import json
import threading
from collections import Counter
from contextlib import contextmanager

import pytest

from chalicelib import events
from chalicelib.core import clock, wire
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.aws.dynamo import INSERT_LIMIT
from chalicelib.core.errors import Transient
from chalicelib.core.settings import settings
from chalicelib.event_bus.envelope import marked
from chalicelib.events.change import events_of
from chalicelib.events.history import record_history
from chalicelib.events.routes import events as routes
from chalicelib.events.store import WRITE_SECONDS, history, row_key
from tests.cloudlike import sqs_record
from tests.functional.apps import ApiClient
from tests.functional.faults import listening, throttling
from tests.functional.serial import one_call_at_a_time
from tests.functional.streams import queue_event
from tests.replies import refused
from tests.unit.events.images import URL, stamped, user

pytestmark = pytest.mark.usefixtures("held_clock")

WRITE = "before-call.dynamodb.BatchExecuteStatement"


def happened(version=2, subject="U1", **fields):
    """One event about a person: their version's update."""
    named = {"name": f"Ada {version}", **fields}
    old, new = user(version - 1, id=subject), user(version, id=subject, **named)
    (event,) = events_of("users", old, new, False, public_url=URL)
    return {**event, "time": f"2026-03-01T11:{version // 60:02d}:{version % 60:02d}.000Z"}


def record(*happenings):
    record_history(queue_event("history", happenings))


def writes():
    """The client of history's own writes."""
    return clients.client("dynamodb", WRITE_SECONDS)


@contextmanager
def history_failing(code):
    """Have DynamoDB refuse history's own writes."""
    with listening(writes(), WRITE, lambda **_: refused(code)):
        yield


def test_an_event_is_recorded_where_its_subject_and_time_say(aws):
    event = happened(7)
    record(event)
    (row,) = aws.rows("history")
    assert json.loads(row["event"]) == event
    assert row["subject"] == "U1"
    assert row["at"] == "2026-03-01T11:00:07.000Z#users:U1:7:0"
    assert row["recorded_at"] == "2026-03-01T12:00:00.000Z#users:U1:7:0"
    assert row["feed_shard"].startswith("2026-03-01T12#")
    assert row["expires_at"] == clock.epoch() + 365 * 86400


def test_the_same_event_again_changes_nothing_and_keeps_its_place(aws):
    record(happened(), happened())
    first = aws.rows("history")
    clock.tick(minutes=5)
    record(happened())
    assert aws.rows("history") == first
    assert len(first) == 1


def test_an_event_that_is_replayed_or_found_by_the_sweep_is_no_second_one(aws):
    record(happened())
    first = aws.rows("history")
    record(marked(happened(), "replayed"), marked(happened(), "reconciled"))
    assert aws.rows("history") == first
    record(marked(happened(3), "replayed"))
    assert len(aws.rows("history")) == 1


def test_one_event_costs_one_write_of_one_kilobyte(aws):
    with telemetry.recording() as seen:
        record(happened(name="Ada Lovelace", locale="en-GB"))
    assert seen.names == ["BatchGetItem", "BatchExecuteStatement"]
    (row,) = aws.rows("history")
    assert len(json.dumps(row).encode()) < 1024


def test_what_is_no_event_is_parked_with_its_reason_and_its_neighbours_are_recorded(aws):
    whole = happened()
    poison = {
        "{": "not JSON",
        "[]": "not a CloudEvent",
        '{"specversion": "0.3"}': "not a CloudEvent",
        json.dumps({**whole, "subject": ""}): "without subject",
        json.dumps(
            {name: value for name, value in whole.items() if name not in {"id", "time"}}
        ): "without id, time",
        json.dumps({**whole, "time": "noon"}): "time",
    }
    record(happened(2), *poison, happened(3))
    assert len(aws.rows("history")) == 2
    parked = {r["body"]: r["messageAttributes"]["reason"]["stringValue"] for r in aws.take("history-dlq")}
    assert parked.keys() == poison.keys()
    assert [body for body, reason in poison.items() if reason not in parked[body]] == []


def test_a_throttled_write_comes_again(aws):
    with (
        history_failing("ThrottlingException"),
        pytest.raises(Transient, match="1 records of history must come again"),
    ):
        record(happened())
    record(happened())
    assert len(aws.rows("history")) == 1


def test_a_person_s_history_is_read_newest_first_and_page_by_page(aws):
    record(*(happened(version) for version in range(2, 7)), happened(2, subject="U2"))
    api = ApiClient(routes)
    api.sign_in("A1", "support")
    seen, path = [], "/users/U1/history?limit=2"
    while path:
        answer = api.call("GET", path)
        assert answer.status == 200
        seen += [event["id"] for event in answer.body["items"]]
        following = answer.body["next"]
        path = following and f"/users/U1/history?limit=2&cursor={following}"
    assert seen == [f"users:U1:{version}:0" for version in (6, 5, 4, 3, 2)]


def test_history_shows_the_event_and_when_it_was_recorded(aws):
    record(happened())
    api = ApiClient(routes)
    api.sign_in("A1", "admin")
    (event,) = api.call("GET", "/users/U1/history").body["items"]
    assert event == {**happened(), "recordedtime": "2026-03-01T12:00:00.000Z"}


def test_support_sees_no_event_whose_id_names_a_segment(aws):
    entered = {**happened(), "id": "segments:G1/U1:1:0", "type": "segment.entered"}
    record(happened(), {**entered, "data": {"segment": {"id": "G1", "name": "Gold"}}})
    api = ApiClient(routes)
    api.sign_in("A1", "admin")
    assert len(api.call("GET", "/users/U1/history").body["items"]) == 2
    api.sign_in("S1", "support")
    assert [event["id"] for event in api.call("GET", "/users/U1/history").body["items"]] == ["users:U1:2:0"]


def test_history_is_for_staff_and_its_cursors_for_whom_they_were_made(aws):
    record(*(happened(version) for version in range(2, 5)))
    api = ApiClient(routes)
    assert api.call("GET", "/users/U1/history").status == 401
    api.sign_in("U1")
    assert api.call("GET", "/users/U1/history").status == 403
    api.sign_in("A1", "support")
    cursor = api.call("GET", "/users/U1/history?limit=1").body["next"]
    assert api.call("GET", f"/users/U2/history?cursor={cursor}").status == 422
    api.sign_in("A2", "support")
    assert api.call("GET", f"/users/U1/history?cursor={cursor}").status == 422


def test_erasure_redacts_the_data_and_keeps_the_places(aws):
    record(happened(2), happened(3), happened(2, subject="U2"))
    before = {row["at"]: row for row in aws.rows("history")}
    assert len(before) == 3
    assert events.erase("U1").done
    assert {row["at"] for row in aws.rows("history")} == before.keys()
    for row in aws.rows("history"):
        event, was = json.loads(row["event"]), before[row["at"]]
        if row["subject"] == "U2":
            assert row == was
            continue
        assert event["data"] == {"data_omitted": True, "reason": "erasure"}
        assert {**event, "data": 0} == {**json.loads(was["event"]), "data": 0}
        assert (row["recorded_at"], row["feed_shard"]) == (was["recorded_at"], was["feed_shard"])
        assert "mail.example" not in json.dumps(row)


@pytest.mark.slow
def test_erasure_takes_a_hundred_at_a_time_and_is_repeatable(aws):
    table = clients.table("history")
    for n in range(105):
        event = {**stamped(id=f"items:U1/k{n:03d}:1:0"), "subject": "U1", "time": "T", "data": {"value": "secret"}}
        row = {**row_key(event), "event": json.dumps(event), "type": "item.changed", "recorded_at": "r"}
        table.put({**row, "feed_shard": "f"})
    assert [history().erase("U1").done for _ in range(2)] == [False, True]
    assert not any("secret" in row["event"] for row in aws.rows("history"))
    with telemetry.recording() as seen:
        assert history().erase("U1").done
    assert seen.names == ["Query"]


def test_a_batch_costs_one_read_and_a_call_for_each_25_events_all_at_once(aws):
    """Four calls wait for each other: one after the other, the first would wait for ever."""
    together = threading.Barrier(4)

    def wait(**_):
        together.wait(10)

    some = [happened(version) for version in range(2, 3 + 3 * INSERT_LIMIT)]
    with (
        listening(clients.client("dynamodb", WRITE_SECONDS), WRITE, wait),
        one_call_at_a_time(),
        telemetry.recording() as seen,
    ):
        record(*some)
    assert Counter(seen.names) == {"BatchGetItem": 1, "BatchExecuteStatement": 4}
    assert sum(call.capacity for call in seen.of("BatchExecuteStatement")) == len(some)
    assert len(aws.rows("history")) == len(some)


def test_of_a_batch_only_what_failed_comes_again(aws):
    some = [happened(version) for version in range(2, 12)]
    sqs, url = clients.client("sqs"), settings().queue_url("history")
    for event in some:
        clients.send("history", wire.to_json(event))
    answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    taken = [sqs_record("history", message) for message in answer["Messages"]]
    unlucky = {row_key(event)["at"] for event in some[::2]}
    with (
        throttling(writes(), lambda statement: statement["Parameters"][1]["S"] in unlucky),
        telemetry.recording() as seen,
        pytest.raises(Transient, match="5 records of history must come again"),
    ):
        record_history({"Records": [*taken, *queue_event("history", ["{"])["Records"]]})
    assert [len(call.parameters["Statements"]) for call in seen.of("BatchExecuteStatement")] == [10, 5, 5]
    kept = {row["at"] for row in aws.rows("history")}
    left = {row_key(event)["at"] for event in map(json.loads, (r["body"] for r in aws.take("history")))}
    assert left == unlucky
    assert kept.isdisjoint(left)
    assert kept | left == {row_key(event)["at"] for event in some}


def test_what_is_throttled_once_is_recorded_as_of_its_next_attempt(aws):
    """Its position is that of the write that succeeds: a reader may have passed the moment of the first."""
    chances = itertools.chain([True, False], itertools.repeat(False))

    def once(_statement):
        is_throttled = next(chances)
        clock.tick(milliseconds=5 if is_throttled else 0)  # the wait before the next attempt may be shorter
        return is_throttled

    with throttling(writes(), once):
        record(happened(2), happened(3))
    first, second = sorted(aws.rows("history"), key=lambda row: row["recorded_at"])
    assert (first["at"], second["at"]) == (row_key(happened(3))["at"], row_key(happened(2))["at"])
    assert first["recorded_at"].startswith("2026-03-01T12:00:00.000Z#")
    assert second["recorded_at"] > "2026-03-01T12:00:00.001Z"


def test_one_that_can_never_be_recorded_leaves_the_others_of_its_call_alone(aws):
    """DynamoDB refuses a statement, or a whole call for one of them."""
    lone = {**happened(2), "subject": "U\ud800"}
    record(happened(3), json.dumps(lone), happened(4))
    assert {row["at"] for row in aws.rows("history")} == {row_key(happened(n))["at"] for n in (3, 4)}
    (parked,) = aws.take("history-dlq")
    assert json.loads(parked["body"])["id"] == lone["id"]


def test_the_same_event_twice_in_one_call_is_one(aws):
    with telemetry.recording() as seen:
        record(happened(2), marked(happened(2), "reconciled"), happened(3))
    assert len(aws.rows("history")) == 2
    (call,) = seen.of("BatchExecuteStatement")
    assert len(call.parameters["Statements"]) == 2
