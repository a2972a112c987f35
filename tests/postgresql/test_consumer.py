"""The consumer of the read model: what each event writes, what is parked, and what waits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.core.errors import Transient
from chalicelib.core.names import READ_MODEL_SECRET
from chalicelib.core.settings import settings
from chalicelib.read_model.consumer import apply_events
from tests.cloudlike import NAMES
from tests.functional.faults import listening
from tests.functional.streams import queue_event
from tests.postgresql.consuming import QUEUE, away, change, consume, rows
from tests.unit.events.images import AT, LATER, item, session, user

MARCH = clock.parse("2026-03-01T12:10:00.000Z")


@pytest.fixture(autouse=True)
def stage(read_model):
    with clock.held(MARCH):
        yield


def test_a_person_is_written_as_they_are_now(read_model):
    registered = change("users", None, user(name="Ada"))
    change("users", user(), user(2, name="Ada Lovelace", identities=[{"id": "I1", "connection": "C1"}]))
    consume(registered)
    written = rows(read_model)
    (person,) = written["people"]
    assert (person["name"], person["version"]) == ("Ada Lovelace", 2)
    assert person["metadata"] == {"plan": "gold"}
    assert person["email_domain"] == "mail.example"
    assert [row["connection"] for row in written["identities"]] == ["C1"]
    assert [row["type"] for row in written["events"]] == ["user.registered", "user.confirmed"]


def test_a_session_has_its_start_and_its_end_whichever_comes_first(read_model):
    started = change("sessions", None, session(created_at=AT))
    ended = change("sessions", session(), {**session(2), "deleted_at": LATER})
    consume([*change("users", None, user()), *ended])
    consume(started)
    written = rows(read_model)
    (row,) = written["sessions"]
    assert row["agent"] == "Firefox on Linux"
    assert row["end_reason"] == "signed_out"
    assert (row["started_at"], row["ended_at"]) == ("2026-03-01T12:00:00+00:00", "2026-03-01T12:05:00+00:00")
    assert written["people"][0]["last_sign_in_at"] == row["started_at"]


def test_a_deleted_item_stays_deleted(read_model):
    changed = change("items", None, item())
    deleted = change("items", item(), {**item(2), "deleted_at": LATER})
    consume(changed)
    assert [row["key"] for row in rows(read_model)["items"]] == [item()["item_key"]]
    consume(deleted)
    consume(changed)
    assert rows(read_model)["items"] == []


def test_a_person_who_left_a_segment_is_known_to_have_entered_it(read_model):
    entered = segment_event("segment.entered", 1, AT)
    left = segment_event("segment.left", 2, LATER)
    consume([left])
    consume([entered])
    (row,) = rows(read_model)["memberships"]
    assert (row["version"], row["entered_at"], row["left_at"]) == (
        2,
        "2026-03-01T12:00:00+00:00",
        "2026-03-01T12:05:00+00:00",
    )


def segment_event(kind, version, time):
    return {
        **change("users", None, user())[0],
        "id": f"segments:G1/U1:{version}:0",
        "type": kind,
        "time": time,
        "sequence": f"{version:012d}",
        "data": {"segment": {"id": "G1", "name": "Gold"}},
    }


POISON = {
    "no JSON": "{",
    "no event": {"hello": "world"},
    "an unknown kind of page": {"job": "J", "kind": "hello", "page": {}},
    "a version that is no number": {"sequence": "many"},
    "a version that no bigint holds": {"sequence": "9" * 30},
    "a subject with a NUL": {"subject": "U\0"},
    "a subject that nobody has": {"subject": "U" * 200},
    "a time to come": {"time": "2027-01-01T00:00:00.000Z"},
    "changes that are no list": {"data": {"changed": 1}},
}


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON)
def test_poison_is_parked_and_its_neighbours_are_written(read_model, aws, poison):
    good = change("sessions", None, session())
    bad = poison
    if isinstance(poison, dict) and not poison.keys() & {"hello", "kind"}:
        bad = {**change("sessions", None, session(id="S2"))[0], **poison}
    consume([*good, bad, *change("users", None, user())])
    written = rows(read_model)
    assert [row["id"] for row in written["sessions"]] == ["S1"]
    assert [row["id"] for row in written["people"]] == ["U1"]
    (letter,) = aws.take(f"{QUEUE}-dlq")
    assert letter["messageAttributes"]["reason"]["stringValue"]


def test_what_is_older_than_the_history_is_not_written(read_model):
    with clock.held(MARCH + timedelta(days=settings().history_days)):
        consume([*change("sessions", None, session()), *change("users", None, user())])
    written = rows(read_model)
    assert written["events"] == written["sessions"] == []
    assert [row["id"] for row in written["people"]] == ["U1"]


def test_the_first_batch_makes_the_tables(read_model, server):
    with read_model.transaction() as transaction:
        transaction.script("DROP SCHEMA rollcall CASCADE")
    consume(change("users", None, user()))
    assert [row["id"] for row in rows(read_model)["people"]] == ["U1"]


@pytest.mark.parametrize(("minutes", "seconds"), [(0, 10), (10, 30), (60 * 24 * 3, 1800)])
def test_messages_wait_for_a_database_that_is_away_the_longer_the_older(read_model, server, aws, minutes, seconds):
    sent = round((MARCH.timestamp() - 60 * minutes) * 1000)
    batch = queue_event(QUEUE, change("users", None, user()) + change("sessions", None, session()))
    for record in batch["Records"]:
        record["attributes"]["SentTimestamp"] = str(sent)
    with away(server):
        assert waits(batch) == {"r0": seconds, "r1": seconds, "r2": seconds}
    assert aws.take(f"{QUEUE}-dlq") == []
    apply_events(batch)
    assert [row["id"] for row in rows(read_model)["people"]] == ["U1"]


def waits(batch):
    """Hand over a batch that must come again: the seconds that each message waits, by its handle."""
    shown = {}

    def show(params, **_):
        shown.update((entry["ReceiptHandle"], entry["VisibilityTimeout"]) for entry in params["Entries"])

    event = "provide-client-params.sqs.ChangeMessageVisibilityBatch"
    with listening(clients.client("sqs"), event, show), pytest.raises(Transient):
        apply_events(batch)
    return shown


def test_a_secret_that_names_no_database_parks_nothing(read_model, aws):
    secrets = clients.client("secretsmanager")
    secrets.put_secret_value(SecretId=NAMES.of(READ_MODEL_SECRET), SecretString="none")
    with pytest.raises(Transient):
        consume(change("users", None, user()))
    assert aws.take(f"{QUEUE}-dlq") == []


def test_tables_that_take_no_rows_park_nothing(read_model, aws):
    with read_model.transaction() as transaction:
        transaction.script("ALTER TABLE sessions RENAME TO hidden")
    with pytest.raises(Transient):
        consume(change("sessions", None, session()))
    assert aws.take(f"{QUEUE}-dlq") == []
