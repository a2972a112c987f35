"""Who enters a segment and who leaves it: by an event of theirs, by time alone, once whatever goes wrong."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from chalicelib import segments as table
from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.core.errors import Conflict, FieldError, Invalid, NotFound, PreconditionFailed
from chalicelib.events.change import events_of
from chalicelib.read_model.answers import answer
from chalicelib.read_model.database import database
from chalicelib.read_model.segments import definitions, evaluate_all, hourly
from chalicelib.webhooks.fanout import fan_out
from chalicelib.webhooks.store import webhooks
from tests.functional.faults import Crash, crashing
from tests.functional.streams import queue_event
from tests.postgresql.consuming import change, consume, make_queues, rows
from tests.unit.events.images import AT, URL, session, tombstone, user

MARCH = clock.parse("2026-03-01T12:10:00.000Z")


@pytest.fixture(autouse=True)
def stage(read_model):
    make_queues()
    with clock.held(MARCH):
        yield


@pytest.fixture
def adults():
    """A watched segment, whose first members are all written."""
    made = definitions.create("Adults", "age >= 18", watched=True)
    evaluate_all()
    return table.model.id_of(made)


def members(aws):
    return sorted(row["user_id"] for row in aws.rows("segments") if "user_id" in row and "left_at" not in row)


def memberships(aws):
    return {row["id"]: row for row in aws.rows("segments") if "user_id" in row}


def seen(aws):
    """What the rows are events of: the id without the segment, the type and the mark."""
    told = [
        event
        for row in memberships(aws).values()
        for event in events_of("segments", None, row, False, public_url=URL)
    ]
    return sorted((event["id"].partition("/")[2], event["type"], event.get("bulk")) for event in told)


def person(user_id, version=1, **fields):
    return user(version, id=user_id, email=f"{user_id.lower()}@mail.example", **fields)


def arrive(*people):
    consume([event for each in people for event in change("users", None, each)])


def test_a_change_of_a_person_brings_them_in_and_out(aws, adults, read_model):
    arrive(person("U1", age=17), person("U2", age=30))
    assert seen(aws) == [("U2:1:0", "segment.entered", None)]
    consume(change("users", person("U1", age=17), person("U1", 2, age=18)))
    consume(change("users", person("U2", age=30), person("U2", 2, age=9)))
    assert seen(aws) == [("U1:1:0", "segment.entered", None), ("U2:2:0", "segment.left", None)]
    copied = {row["user_id"]: row["left_at"] is None for row in rows(read_model)["memberships"]}
    assert copied == {"U1": True, "U2": False}


def test_what_an_import_brings_is_marked_so(aws, adults):
    arrive(person("U1", age=30, source="import", import_job="J1"))
    assert seen(aws) == [("U1:1:0", "segment.entered", "true")]


@pytest.mark.slow
def test_the_first_members_of_a_filter_are_marked_and_later_ones_are_not(aws):
    arrive(person("U1", age=30), person("U2", age=40))
    made = definitions.create("Adults", "age >= 18", watched=True)
    consume(change("users", person("U1", age=30), person("U1", 2, age=31)))
    evaluate_all()
    assert seen(aws) == [("U1:1:0", "segment.entered", "true"), ("U2:1:0", "segment.entered", "true")]
    arrive(person("U3", age=50))
    assert seen(aws)[2] == ("U3:1:0", "segment.entered", None)
    definitions.change(table.model.id_of(made), {"filter": "age >= 40"}, None)
    evaluate_all()
    assert members(aws) == ["U2", "U3"]
    assert seen(aws)[0] == ("U1:2:0", "segment.left", "true")


@pytest.mark.slow
def test_time_alone_makes_somebody_inactive_and_a_sign_in_brings_them_back(aws):
    made = definitions.create("Inactive", "last_sign_in_at < -30d", watched=True)
    arrive(person("U1"))
    consume(change("sessions", None, session(created_at=AT)))
    evaluate_all()
    assert (members(aws), made["is_timed"]) == ([], True)
    with clock.held(MARCH + timedelta(days=31)):
        evaluate_all()
        assert seen(aws) == [("U1:1:0", "segment.entered", None)]
        evaluate_all()
        again = session(id="S2", created_at=clock.timestamp(), updated_at=clock.timestamp())
        consume(change("sessions", None, again))
    assert seen(aws) == [("U1:2:0", "segment.left", None)]


@pytest.mark.slow
def test_a_webhook_hears_of_whoever_became_inactive(aws):
    webhooks().create("W1", url="https://crm.example/hooks", types=["segment.*"], created_by="A1")
    definitions.create("Inactive", "last_sign_in_at < -30d", watched=True)
    arrive(person("U1"))
    consume(change("sessions", None, session(created_at=AT)))
    evaluate_all()
    with clock.held(MARCH + timedelta(days=31)):
        evaluate_all()
        (row,) = memberships(aws).values()
        told = events_of("segments", None, row, False, public_url=URL)
        fan_out(queue_event("webhooks", told))
        fan_out(queue_event("webhooks", told))
    (delivery,) = aws.rows("deliveries")
    assert (delivery["webhook_id"], delivery["type"], delivery["subject"]) == ("W1", "segment.entered", "U1")


@pytest.mark.slow
def test_one_run_writes_no_more_than_its_cap_and_the_next_one_the_rest(aws, adults, read_model):
    definitions.change(adults, {"filter": "age >= 30"}, None)
    with read_model.transaction() as transaction:
        transaction.run(
            "INSERT INTO people (id, version, email_verified, age, attributes, metadata, roles, status, search,"
            " created_at, updated_at) SELECT 'P' || lpad(n::text, 5, '0'), 1, true, 40, '{}', '{}', '{}', 'active',"
            " '', now(), now() FROM generate_series(1, 25) AS n"
        )
    for number in range(1, 26):
        aws.put("users", person(f"P{number:05}", age=40))
    most, at_once = hourly.MOST, hourly.AT_ONCE
    hourly.MOST, hourly.AT_ONCE = 20, 10
    try:
        assert (evaluate_all(), evaluate_all(), evaluate_all()) == (20, 5, 0)
    finally:
        hourly.MOST, hourly.AT_ONCE = most, at_once
    assert {marked for _, _, marked in seen(aws)} == {"true"}
    assert table.model.is_settled(table.segments().get(adults))
    assert table.segments().counts(adults, MARCH.date(), MARCH.date()) == {"2026-03-01": {"12": 25}}


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("operation", "skip"), [("BatchGetItem", 1), ("BatchGetItem", 2), ("BatchExecuteStatement", 0), ("PutItem", 0)]
)
def test_a_crash_around_any_call_leaves_what_a_clean_run_leaves(aws, adults, read_model, operation, skip, after):
    arrive(person("U1", age=30), person("U2", age=10))
    batch = [
        *change("users", person("U1", age=30), person("U1", 2, age=10)),
        *change("users", person("U2", age=10), person("U2", 2, age=30)),
    ]
    for _ in range(2):
        try:
            with crashing("dynamodb", operation, after=after, skip=skip):
                consume(batch)
        except Crash:
            database().close()
    consume(batch)
    assert seen(aws) == [("U1:2:0", "segment.left", None), ("U2:1:0", "segment.entered", None)]
    copied = {row["user_id"]: row["left_at"] is None for row in rows(read_model)["memberships"]}
    assert copied == {"U1": False, "U2": True}


@pytest.mark.slow
def test_messages_that_are_doubled_and_shuffled_leave_the_same(aws, adults, read_model):
    shuffled = random.Random(7)
    told = []
    for number in range(6):
        ages = [10, 20, 10, 20][: 2 + number % 3]
        before = None
        for version, age in enumerate(ages, 1):
            now = person(f"U{number}", version, age=age)
            told += change("users", before, now)
            before = now
    told *= 3
    shuffled.shuffle(told)
    for start in range(0, len(told), 7):
        consume(told[start : start + 7])
    assert members(aws) == ["U0", "U2", "U3", "U5"]
    assert {row["version"] for row in memberships(aws).values()} == {1}
    inside = sorted(row["user_id"] for row in rows(read_model)["memberships"] if not row["left_at"])
    assert inside == members(aws)


def test_what_sql_lost_is_written_there_again_and_is_no_event(aws, adults, read_model):
    arrive(person("U1", age=30))
    with read_model.transaction() as transaction:
        transaction.run("DELETE FROM memberships")
    assert evaluate_all() == 0
    assert [row["user_id"] for row in rows(read_model)["memberships"]] == ["U1"]


def test_whoever_was_removed_leaves_nothing_and_no_event(aws, adults, read_model):
    arrive(person("U1", age=30), person("U2", age=30))
    gone = tombstone(person("U1", age=30))
    removed = change("users", person("U1", age=30), gone)
    evaluate_all()
    consume(change("users", person("U2", age=30), person("U2", 2, age=31)))
    consume(removed)
    assert members(aws) == ["U2"]
    assert len(memberships(aws)) == 1
    assert [row["user_id"] for row in rows(read_model)["memberships"]] == ["U2"]


def test_a_membership_that_was_written_too_late_goes_with_the_next_message(aws, adults):
    arrive(person("U1", age=30))
    late = memberships(aws)[f"{adults}/U1"]
    removed = change("users", person("U1", age=30), tombstone(person("U1", age=30)))
    consume(removed)
    aws.put("segments", late)
    consume(events_of("segments", None, late, False, public_url=URL))
    assert memberships(aws) == {}


@pytest.mark.slow
def test_a_segment_that_is_removed_or_unwatched_loses_its_members_in_silence(aws, adults, read_model):
    other = table.model.id_of(definitions.create("Named", "name = Ada", watched=True))
    arrive(person("U1", age=30))
    evaluate_all()
    assert len(memberships(aws)) == 2
    definitions.change(other, {"watched": False}, None)
    definitions.remove(adults, None)
    with pytest.raises(NotFound):
        table.segments().get(adults)
    evaluate_all()
    assert (memberships(aws), rows(read_model)["memberships"]) == ({}, [])
    assert [row["id"] for row in table.segments().removed()] == [f"segment#{adults}"]
    with clock.held(MARCH + timedelta(hours=3)):
        evaluate_all()
    assert table.segments().removed() == []


def test_whoever_is_in_a_segment_that_is_watched_again_enters_it_anew(aws, adults, read_model):
    """No consumer takes these events for those of before, and what comes late from before changes nothing."""
    arrive(person("U1", age=30))
    consume(change("users", person("U1", age=30), person("U1", 2, age=10)))
    before = memberships(aws)[f"{adults}/U1"]
    definitions.change(adults, {"watched": False}, None)
    evaluate_all()
    assert memberships(aws) == {}
    definitions.change(adults, {"watched": True}, None)
    consume(events_of("segments", None, before, False, public_url=URL))
    consume(change("users", person("U1", 2, age=10), person("U1", 3, age=30)))
    after = memberships(aws)[f"{adults}/U1"]
    assert after["version"] > before["version"]
    (copied,) = rows(read_model)["memberships"]
    assert (copied["version"], copied["left_at"]) == (after["version"], None)
    assert evaluate_all() == 0


def test_a_segment_whose_filter_cannot_be_asked_keeps_no_other_from_its_members(aws, adults):
    row = table.segments().get(adults)
    clients.table("segments").put({**row, "id": "segment#A0", "filter": "nothing = 1"})
    arrive(person("U1", age=30))
    assert members(aws) == ["U1"]
    assert evaluate_all() == 0


@pytest.mark.parametrize("text", ["age >", "", "segment = G1", "no_such = 1"])
def test_a_filter_that_is_none_is_refused(text):
    with pytest.raises(Invalid) as refused:
        definitions.create("Odd", text, watched=False)
    fault: FieldError = refused.value.errors[0]
    assert fault["field"] == "filter"


def test_only_so_many_are_watched_and_a_change_needs_the_version(adults):
    with pytest.raises(PreconditionFailed):
        definitions.change(adults, {"name": "Grown-ups"}, 7)
    assert definitions.change(adults, {"name": "Grown-ups"}, 1)["filter_version"] == 1
    for number in range(table.model.MOST_WATCHED - 1):
        definitions.create(f"S{number}", "age > 1", watched=True)
    with pytest.raises(Conflict):
        definitions.create("One more", "age > 1", watched=True)


def test_the_people_of_a_filter_are_selected_a_part_at_a_time(adults):
    arrive(*(person(f"U{number}", age=20 + number) for number in range(9)))
    whole = {"question": "select", "filter": "age > 21", "limit": 3}
    first = answer({**whole, "after": "", "slice": None})
    assert [each["id"] for each in first] == ["U2", "U3", "U4"]
    assert [each["id"] for each in answer({**whole, "after": "U4", "slice": None})] == ["U5", "U6", "U7"]
    sliced = [answer({**whole, "after": "", "slice": [part, 16]}) for part in range(16)]
    assert sorted(each["id"] for part in sliced for each in part) == [f"U{number}" for number in range(2, 9)]
