"""What the stream lost is found and published once."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import count

import pytest
from botocore.exceptions import ClientError

from chalicelib.core import clock, context
from chalicelib.core.aws import clients, records, telemetry
from chalicelib.core.aws.dynamo.conditions import Attr
from chalicelib.core.errors import Malformed, Unavailable
from chalicelib.core.schedules import run_each
from chalicelib.events.history import record_history
from chalicelib.events.missed_changes import OWNERS, beginning
from chalicelib.events.reconciliation import reconcile
from chalicelib.events.stream_changes import publish_changes
from chalicelib.events.sweep import FIRST, SECONDS, publish_missed_changes
from chalicelib.events.watermark import SETTLING
from chalicelib.insights.rollup import roll_up
from chalicelib.insights.store import counters
from infra.functions import FUNCTIONS
from tests.cloudlike import topic_messages
from tests.functional.faults import Crash, failing, listening
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
        "clients": {"id": "rcc_C1", "name": "Shop", "roles": [], "type": "confidential"},
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
    created("clients")
    changed("clients", created("clients", id="rcc_C2"), name="Store")
    clock.tick(minutes=16)
    expected = [
        ("clients:rcc_C1:1:0", "client.created"),
        ("clients:rcc_C2:2:0", "client.changed"),
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


@pytest.mark.slow
@pytest.mark.peers
def test_what_history_has_is_left_alone(stage):
    person = created()
    session = changed("sessions", created("sessions"), counter=1)
    publish_changes("users", stream_event("users", (None, person)))
    first = {**session, "version": 1, "updated_at": session["created_at"]}
    publish_changes("sessions", stream_event("sessions", (None, first)))
    consume(stage)
    clock.tick(minutes=16)
    with telemetry.recording() as seen:
        assert publish_missed_changes() == 0
    assert seen.of("PublishBatch", "Scan") == []


@pytest.mark.slow
@pytest.mark.peers
def test_what_the_stream_still_brings_has_the_same_id(stage):
    person = created(email_verified=True)
    clock.tick(minutes=16)
    assert swept(stage) == [("users:U1:1:0", "user.registered")]
    publish_changes("users", stream_event("users", (None, person)))
    consume(stage)
    assert sorted(row["at"].partition("#")[2] for row in stage.rows("history")) == ["users:U1:1:0", "users:U1:1:1"]


@pytest.mark.slow
def test_what_is_still_on_its_way_is_not_missed_yet(stage):
    created()
    clock.tick(minutes=14, seconds=59)
    assert swept(stage) == []
    clock.tick(seconds=2)
    assert len(swept(stage)) == 1


@pytest.mark.slow
@pytest.mark.peers
def test_a_session_that_began_long_ago_is_not_told_again(stage):
    session = created("sessions")
    clock.tick(days=20)
    changed("sessions", session, counter=7)
    clock.tick(minutes=16)
    assert swept(stage) == []


@pytest.mark.slow
def test_a_wider_sweep_reaches_further_back(stage):
    created()
    clock.tick(hours=5)
    assert publish_missed_changes() == 0
    assert reconcile({"hours": 6}) == {"published": 1, "next": None}


@pytest.mark.slow
def test_records_are_read_and_compared_a_hundred_at_a_time(stage):
    for n in range(120):
        created(id=f"U{n:03d}")
    clock.tick(minutes=16)
    with telemetry.recording() as seen:
        assert len(swept(stage)) == 120
    assert len(seen.of("PublishBatch")) <= 120 / 10 + records.SWEEP_SHARDS
    assert len(seen.of("BatchGetItem")) <= 3 * (records.SWEEP_SHARDS + 1)
    with telemetry.recording() as seen:
        assert swept(stage) == []
    assert len(seen.of("BatchGetItem")) <= records.SWEEP_SHARDS + 1


@pytest.mark.slow
@pytest.mark.peers
def test_a_sweep_that_could_not_publish_is_made_up_for_by_the_next(stage):
    created()
    clock.tick(minutes=16)
    with failing("sns", "PublishBatch", "Throttled", 429), pytest.raises(ClientError, match="Throttled"):
        publish_missed_changes()
    clock.tick(minutes=1)
    assert len(swept(stage)) == 1


@pytest.mark.slow
@pytest.mark.peers
def test_a_record_that_makes_no_sense_is_parked_and_keeps_no_neighbour_from_being_told(stage):
    for table, without in (("users", "version"), ("sessions", "user_id")):
        record = created(table, id="BAD")
        clients.table(table).put({name: value for name, value in record.items() if name != without})
        created(table, id="GOOD")
    clock.tick(minutes=16)
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
    clock.tick(minutes=16)
    swept(stage)
    assert ages() == [[2760.0]]
    swept(stage)
    assert ages() == []


def imported(people, prefix="N"):
    """So many new people, as (id, the changes of their stream)."""
    return {person["id"]: (None, person) for person in (created(id=f"{prefix}{n:03d}") for n in range(people))}


def metrics_in(capsys):
    return [name for name in ("Reconciled", "OldestUnpublished") if name in capsys.readouterr().out]


@pytest.mark.slow
@pytest.mark.peers
def test_of_many_exactly_the_lost_are_published_and_nothing_that_is_merely_late(stage, capsys):
    """The backlog drains for hours, in halves; the sweep runs meanwhile, and each change is compared once."""
    changes = imported(60)
    lost = {f"N{n:03d}" for n in (0, 17, 58)}
    told = [change for user_id, change in changes.items() if user_id not in lost]
    publish_changes("users", stream_event("users", *told))
    clock.tick(hours=1)
    capsys.readouterr()
    with pytest.raises(Unavailable, match="history stands still"):  # everything waits, and nothing is recorded
        publish_missed_changes()
    taken = stage.take("history")
    record_history({"Records": taken[:30]})
    clock.tick(minutes=5)
    assert publish_missed_changes() == 0  # half of it is recorded, an hour late
    for record in taken[30:]:
        clients.send("history", record["body"])
    clock.tick(hours=1)
    with pytest.raises(Unavailable, match="history stands still"):
        publish_missed_changes()
    record_history({"Records": stage.take("history")})
    assert publish_missed_changes() == 0  # it has come to the end this minute, two hours late
    assert metrics_in(capsys) == []
    clock.tick(hours=1)
    with telemetry.recording() as seen:
        assert publish_missed_changes() == len(lost)
    assert len(seen.of("PublishBatch")) <= len(lost)
    assert {event["subject"] for event in consume(stage)} == lost
    clock.tick(hours=1)
    with telemetry.recording() as seen:
        assert publish_missed_changes() == 0
    assert seen.of("BatchGetItem") == []


@pytest.mark.slow
@pytest.mark.peers
def test_the_sweep_ends_in_time_and_goes_on_from_there(stage):
    """Each read of history takes ten minutes."""
    imported(8)
    clock.tick(hours=1, minutes=20)
    runs, published = [], []
    for _ in range(20):
        with taking(minutes=10):
            runs.append(publish_missed_changes())
        published += [event["subject"] for event in consume(stage)]
        clock.tick(minutes=1)
    assert sorted(published) == [f"N{n:03d}" for n in range(8)]
    assert len([run for run in runs if run]) > 1


def taking(**time):
    """Have each batch read take so long."""
    return listening(
        clients.client("dynamodb"), "before-call.dynamodb.BatchGetItem", lambda **_: clock.tick(**time)
    )


def crashing_at(number):
    """Crash after so many calls of DynamoDB. Queries that find nothing do not count: they leave all as it was, so a
    crash after one is a crash after the call before."""
    calls = count(1)

    def crash(parsed, **_):
        if parsed.get("Items") != [] and next(calls) == number:
            raise Crash

    return listening(clients.client("dynamodb"), "after-call.dynamodb", crash)


@pytest.mark.slow
@pytest.mark.peers
def test_a_long_hour_is_read_page_by_page_and_a_crash_after_any_call_costs_a_page_at_most(stage):
    def short(params, **_):
        return {**params, "Limit": 1}

    imported(80)
    clock.tick(minutes=20)
    runs, published, ended = 0, [], False
    with listening(clients.client("dynamodb"), "provide-client-params.dynamodb.Query", short):
        while not ended:
            runs += 1
            try:
                with crashing_at(runs):
                    publish_missed_changes()
                    ended = True
            except Crash:
                clock.tick(minutes=1)
            published += [event["subject"] for event in consume(stage)]
    assert sorted(published) == [f"N{n:03d}" for n in range(80)]
    assert runs > 20


@pytest.mark.slow
@pytest.mark.peers
def test_only_one_sweep_goes_on_at_a_time(stage):
    created()
    clock.tick(minutes=16)
    inner = []
    with listening(
        clients.client("sns"), "before-call.sns.PublishBatch", lambda **_: inner.append(publish_missed_changes())
    ):
        assert publish_missed_changes() == 1
    assert inner == [0]


def test_a_sweep_that_fails_keeps_no_statistics_from_being_rolled_up(stage):
    counters().count([{"id": "users:U0:1:0", "type": "user.registered", "time": clock.timestamp()}])
    clock.tick(minutes=16)
    with (
        failing("dynamodb", "Query", "Throttled"),
        pytest.raises(ClientError, match="Throttled"),
    ):
        run_each(roll_up, publish_missed_changes)
    assert [row for row in stage.rows("insights") if row["id"] == "total"]
    ran = []
    with pytest.raises(ZeroDivisionError):
        run_each(lambda: 1 / 0, lambda: ran.append(1))
    assert ran == [1]


@pytest.mark.slow
@pytest.mark.peers
def test_hours_that_an_operator_names_are_gone_through_in_parts(stage):
    imported(8)
    clock.tick(hours=3)
    answer, published = {"next": None}, 0
    with taking(minutes=10):
        event = {"hours": 4}
        for _ in range(30):
            answer = reconcile(event)
            published += answer["published"]
            if answer["next"] is None:
                break
            event = json.loads(json.dumps({"next": answer["next"]}))
    assert published == len(consume(stage)) == 8
    assert answer["next"] is None
    for wrong in ({"next": {}}, {"next": 1}, {"hours": 0}):
        (name,) = wrong
        with pytest.raises(Malformed, match=f"^{name} is n"):
            reconcile(wrong)


def test_a_change_may_settle_for_as_long_as_any_function_runs():
    assert timedelta(seconds=max(function.timeout for function in FUNCTIONS)) <= SETTLING
    every_hour = next(function for function in FUNCTIONS if function.name == "every_hour")
    assert every_hour.timeout - SECONDS >= 300


@pytest.mark.slow
@pytest.mark.peers
def test_shards_that_a_newer_version_adds_begin_where_the_others_are(stage):
    """Not where the stage began: their every hour since would be asked for."""
    created()
    clock.tick(minutes=16)
    swept(stage)
    former = {f"{table}#{shard}" for table in OWNERS for shard in range(4)}
    clients.table("guards").update({"id": "sweep"}, remove=tuple(beginning("").keys() - former))
    clock.tick(days=30)
    clients.table("guards").update({"id": "sweep"}, set={lane: {"after": clock.timestamp()} for lane in former})
    created(id="U2")
    clock.tick(minutes=16)
    with telemetry.recording() as seen:
        assert [subject for subject, _ in swept(stage)] == ["users:U2:1:0"]
    hours = 2 + FIRST // timedelta(hours=1)
    assert len(seen.of("Query")) <= hours * len(beginning(""))
