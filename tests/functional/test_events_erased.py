"""What comes late about somebody who was erased brings nothing of them back, into any table or to any endpoint."""

from __future__ import annotations

import json

import pytest

from chalicelib import items, mail
from chalicelib.accounts import removal
from chalicelib.core import clock
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.errors import Transient
from chalicelib.events.history import record_history
from chalicelib.events.stream_changes import publish_changes
from chalicelib.events.sweep import publish_missed_changes
from chalicelib.items.ingest import take_queued_items
from chalicelib.jobs import jobs
from chalicelib.mail_delivery.delivery import deliver_mail
from tests.builders import a_user
from tests.cloudlike import topic_messages
from tests.functional.faults import failing
from tests.functional.pages import run_jobs, without_delays
from tests.functional.serial import one_call_at_a_time
from tests.functional.streams import queue_event, stream_event

CANARY = "canary-of-ada"


@pytest.fixture
def gone(aws, held_clock):
    """Somebody who was deleted and erased; the queue `history` gets what is published."""
    topic_messages(aws, "history")
    person = a_user(id="U1", email="ada@maths.example", name=CANARY)
    with one_call_at_a_time(), without_delays():
        job = removal.remove(person)
        held_clock.tick(minutes=5)
        run_jobs(aws)
        yield job


def an_event(event_type="user.updated", *, table="users", time=None, **data):
    return {
        "specversion": "1.0",
        "id": f"{table}:U1:7:0",
        "source": "https://rollcall.example",
        "type": event_type,
        "subject": "U1",
        "time": time or clock.timestamp(),
        "sequence": "000000000007",
        "datacontenttype": "application/json",
        "data": data,
    }


def everything(aws) -> str:
    return "\n".join(
        repr(row) for table in ("users", "items", "history", "mail", "jobs") for row in aws.rows(table)
    )


def write_late(aws, key: str) -> None:
    """An item for the erased person, by queue, with what its stream then tells."""
    write = {"user_id": "U1", "item_id": key, "item_key": key, "item_value": CANARY, "at": clock.timestamp()}
    take_queued_items(queue_event("items", [write]))
    (row,) = (row for row in aws.rows("items") if row["item_key"] == key)
    publish_changes("items", stream_event("items", (None, row)))


@pytest.mark.slow
def test_a_late_event_is_recorded_without_its_data(aws, gone):
    late = an_event(user={"id": "U1", "name": CANARY})
    with telemetry.recording() as seen:
        record_history(queue_event("history", [late, late]))
    assert seen.names == ["BatchGetItem", "BatchExecuteStatement"]
    (row,) = aws.rows("history")
    assert json.loads(row["event"])["data"] == {"data_omitted": True, "reason": "erasure"}
    assert run_jobs(aws) == 0


@pytest.mark.slow
def test_what_tells_of_nobody_is_recorded_as_it_is(aws, gone):
    deleted = an_event("user.deleted", user={"id": "U1"})
    record_history(queue_event("history", [deleted]))
    assert json.loads(aws.rows("history")[0]["event"])["data"] == {"user": {"id": "U1"}}


@pytest.mark.slow
def test_an_item_that_comes_after_the_erasure_is_erased_too(aws, gone, held_clock):
    write_late(aws, "k1")
    assert CANARY in everything(aws)
    record_history({"Records": aws.take("history")})
    assert run_jobs(aws) == 4
    assert CANARY not in everything(aws)
    assert jobs().get(gone["id"])["status"] == "finished"


@pytest.mark.slow
def test_the_erasure_is_queued_before_the_late_event_counts_as_done(aws, gone):
    write_late(aws, "k1")
    taken = {"Records": aws.take("history")}
    with (
        failing("sqs", "SendMessage", "ServiceUnavailable", 503),
        pytest.raises(Transient, match="1 records of history must come again"),
    ):
        record_history(taken)
    record_history(taken)
    assert run_jobs(aws) == 4
    assert CANARY not in everything(aws)


@pytest.mark.slow
def test_an_item_of_before_the_deletion_needs_no_further_erasure(aws, gone):
    before = clock.timestamp(clock.parse(gone["created_at"]))[:11] + "00:00:00.000Z"
    record_history(queue_event("history", [an_event("item.changed", table="items", time=before, value=CANARY)]))
    assert run_jobs(aws) == 0
    assert CANARY not in everything(aws)


@pytest.mark.slow
def test_the_sweep_brings_nothing_back(aws, gone, held_clock):
    """The stream of a late item was lost: what the sweep publishes of it has it erased."""
    write = {"user_id": "U1", "item_id": "k2", "item_key": "k2", "item_value": CANARY, "at": clock.timestamp()}
    items.apply(items.ItemWrite(**write))
    held_clock.tick(minutes=20)
    assert publish_missed_changes() >= 1
    record_history({"Records": aws.take("history")})
    run_jobs(aws)
    assert CANARY not in everything(aws)


@pytest.mark.slow
def test_a_mail_that_was_asked_for_before_is_not_sent(aws, gone):
    mail.request("already_registered", "ada@maths.example", key="K", user_id="U1")
    mail.request("already_registered", "bea@maths.example", key="K2", user_id="U2")
    deliver_mail({"Records": aws.take("mail")})
    assert [row["user_id"] for row in aws.rows("mail") if "user_id" in row] == ["U2"]


@pytest.mark.slow
def test_a_subject_that_is_nobodys_id_spoils_no_batch(aws, gone):
    odd = {**an_event(name=CANARY), "subject": "x" * 3000}
    record_history(queue_event("history", [an_event(name=CANARY), odd["subject"], "{", json.dumps(None)]))
    assert len(aws.rows("history")) == 1
    assert CANARY not in everything(aws)


@pytest.mark.slow
def test_an_old_tombstone_names_no_erasure_and_none_is_queued(aws, gone):
    clients.table("users").update({"id": "U1"}, remove=["erasure"])
    write_late(aws, "k1")
    record_history({"Records": aws.take("history")})
    assert run_jobs(aws) == 0
