"""What the stream lost is found and published once."""

from __future__ import annotations

import json

import pytest
from boto3.dynamodb.conditions import Attr
from botocore.exceptions import ClientError

from chalicelib.core import clients, clock, context, records, telemetry
from chalicelib.events.history import record_history
from chalicelib.events.publishing import publish_changes
from chalicelib.events.sweep import publish_missed_changes
from tests.cloudlike import topic_messages
from tests.functional.faults import failing
from tests.functional.streams import stream_event

pytestmark = pytest.mark.usefixtures("held_clock")


@pytest.fixture
def stage(aws):
    """A stage whose history consumes what is published."""
    topic_messages(aws, "history")
    return aws


def consume(stage):
    """Have history consume what is queued for it: the events."""
    taken = stage.take("history")
    record_history({"Records": taken})
    return [json.loads(record["body"]) for record in taken]


def swept(stage):
    """What one sweep publishes, as (id, type), after history consumed it."""
    published = publish_missed_changes()
    events = consume(stage)
    assert len(events) == published
    assert all(event["reconciled"] == "true" for event in events)
    return sorted((event["id"], event["type"]) for event in events)


def created(table="users", **fields):
    defaults = {
        "users": {"id": "U1", "status": "active", "roles": [], "source": "registration", "email_verified": False},
        "sessions": {"id": "S1", "user_id": "U1", "expires_at": clock.epoch() + 86400, "counter": 0},
        "items": {"user_id": "U1", "item_key": "k", "value": "1", "size": 1, "sha256": "00", "at": "T"},
        "jobs": {"id": "J1", "part": "job", "kind": "import", "status": "waiting", "counts": {}},
    }
    with context.working_for("R1", "U9"):
        record = records.new(**{**defaults[table], **fields})
    clients.table(table).put(record)
    return record


def changed(table, record, **fields):
    stamp = records.change_stamp(key=record.get("id", ""))
    record = {**record, **fields, **stamp, "version": record["version"] + 1}
    clients.table(table).put(record)
    return record


def deleted(table, record, **fields):
    keys = {name: record[name] for name in ("id", "user_id", "item_key") if name in record}
    tombstone = {**records.tombstone(record), **keys, **fields}
    clients.table(table).put(tombstone, Attr("version").eq(record["version"]))
    return tombstone


@pytest.mark.slow
def test_each_record_that_changed_unheard_is_told_once_as_it_is_now(stage):
    created()
    changed("users", created(id="U2"), name="Ada")
    deleted("users", changed("users", created(id="U3"), name="Ada"))
    created("sessions")
    changed("sessions", created("sessions", id="S2"), counter=1)
    deleted("sessions", created("sessions", id="S3"), reason="reuse")
    created("items")
    deleted("items", created("items", item_key="gone"))
    changed("jobs", created("jobs"), status="finished")
    created("jobs", id="J2")
    clock.tick(minutes=3)
    expected = [
        ("items:U1/gone:2:0", "item.deleted"),
        ("items:U1/k:1:0", "item.changed"),
        ("jobs:J1:2:0", "import.finished"),
        ("sessions:S1:1:0", "session.started"),
        ("sessions:S2:1:0", "session.started"),
        ("sessions:S3:2:0", "session.revoked"),
        ("users:U1:1:0", "user.registered"),
        ("users:U2:2:0", "user.updated"),
        ("users:U3:3:0", "user.deleted"),
    ]
    assert swept(stage) == expected
    assert swept(stage) == []


@pytest.mark.slow
def test_hourly_sweeps_find_each_change_of_a_night_without_a_stream(stage):
    found, expected = [], []
    for hour in range(8):
        clock.tick(minutes=20)
        person = created(id=f"U{hour}")
        expected.append((f"users:U{hour}:1:0", "user.registered"))
        clock.tick(minutes=20)
        if hour % 3 == 0:
            deleted("users", person)
            expected[-1] = (f"users:U{hour}:2:0", "user.deleted")
        clock.tick(minutes=20)
        found += swept(stage)
    assert sorted(found) == sorted(expected)


def test_what_history_has_is_left_alone(stage):
    person = created()
    session = changed("sessions", created("sessions"), counter=1)
    publish_changes("users", stream_event("users", (None, person)))
    first = {**session, "version": 1, "updated_at": session["created_at"]}
    publish_changes("sessions", stream_event("sessions", (None, first)))
    consume(stage)
    clock.tick(minutes=3)
    with telemetry.recording() as seen:
        assert publish_missed_changes() == 0
    assert seen.of("PublishBatch", "Scan") == []


def test_what_the_stream_still_brings_has_the_same_id(stage):
    person = created(email_verified=True)
    clock.tick(minutes=3)
    assert swept(stage) == [("users:U1:1:0", "user.registered")]
    publish_changes("users", stream_event("users", (None, person)))
    consume(stage)
    assert sorted(row["at"].partition("#")[2] for row in stage.rows("history")) == ["users:U1:1:0", "users:U1:1:1"]


@pytest.mark.slow
def test_what_is_still_on_its_way_is_not_missed_yet(stage):
    created()
    clock.tick(seconds=119)
    assert swept(stage) == []
    clock.tick(seconds=2)
    assert len(swept(stage)) == 1


def test_a_session_that_began_long_ago_is_not_told_again(stage):
    session = created("sessions")
    clock.tick(days=20)
    changed("sessions", session, counter=7)
    clock.tick(minutes=3)
    assert swept(stage) == []


@pytest.mark.slow
def test_a_wider_sweep_reaches_further_back(stage):
    created()
    clock.tick(hours=5)
    assert publish_missed_changes() == 0
    assert publish_missed_changes(hours=6) == 1


@pytest.mark.slow
def test_records_are_read_and_compared_a_hundred_at_a_time(stage):
    for n in range(120):
        created(id=f"U{n:03d}")
    clock.tick(minutes=3)
    with telemetry.recording() as seen:
        assert len(swept(stage)) == 120
    assert len(seen.of("PublishBatch")) <= 120 / 10 + 4
    assert len(seen.of("BatchGetItem")) <= 3 * 5
    with telemetry.recording() as seen:
        assert swept(stage) == []
    assert len(seen.of("BatchGetItem")) <= 5


def test_a_sweep_that_could_not_publish_is_made_up_for_by_the_next(stage):
    created()
    clock.tick(minutes=3)
    with failing("sns", "PublishBatch", "Throttled", 429), pytest.raises(ClientError, match="Throttled"):
        publish_missed_changes()
    assert len(swept(stage)) == 1


def test_a_record_that_makes_no_sense_is_parked_and_keeps_no_neighbour_from_being_told(stage):
    for table, without in (("users", "version"), ("sessions", "user_id")):
        record = created(table, id="BAD")
        clients.table(table).put({name: value for name, value in record.items() if name != without})
        created(table, id="GOOD")
    clock.tick(minutes=3)
    assert [event_id for event_id, _ in swept(stage)] == ["sessions:GOOD:1:0", "users:GOOD:1:0"]
    assert [json.loads(record["body"]) for record in stage.take("invocations-dlq")] == [
        {
            "source": "sweep",
            "keys": {"event": "users:BAD:0:0"},
            "reason": "Malformed: a record of users without version",
        },
        {
            "source": "sweep",
            "keys": {"event": "sessions:BAD:1:0"},
            "reason": "Malformed: a record of sessions without user_id",
        },
    ]


@pytest.mark.slow
def test_the_age_of_the_oldest_missed_change_is_told_where_there_is_one(stage, capsys):
    def ages():
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "OldestUnpublished" in line]
        return [line["OldestUnpublished"] for line in lines]

    created()
    clock.tick(minutes=30)
    created(id="U2")
    clock.tick(minutes=10)
    swept(stage)
    assert ages() == [[2400.0]]
    swept(stage)
    assert ages() == []
