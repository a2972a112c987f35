"""Changes in a stream reach the topic."""

from __future__ import annotations

import json
from contextlib import contextmanager

import pytest

from chalicelib.core.aws import clients, telemetry
from chalicelib.core.errors import Malformed, Transient
from chalicelib.event_bus.publishing import publish
from chalicelib.events.stream_changes import publish_changes
from tests.cloudlike import topic_messages
from tests.functional.faults import failing, listening
from tests.functional.streams import stream_event
from tests.replies import refused
from tests.unit.events.images import URL, item, job, session, tombstone, user


@pytest.fixture
def topic(aws):
    """The stage, with the queue `webhooks` subscribed to every event."""
    topic_messages(aws, "webhooks")
    return aws


def people(number):
    return [(None, user(id=f"U{n}", email_verified=False)) for n in range(number)]


def test_a_change_reaches_the_topic_as_a_cloudevent(topic):
    publish_changes("users", stream_event("users", (user(), user(2, name="Ada L."))))
    (record,) = topic.take("webhooks")
    event = json.loads(record["body"])
    assert (event["id"], event["type"], event["source"]) == ("users:U1:2:0", "user.updated", URL)
    assert event["data"]["previous"]["name"] == "Ada"
    assert record["messageAttributes"] == {"type": {"stringValue": "user.updated", "dataType": "String"}}


def test_every_streamed_table_has_events(topic):
    publish_changes("sessions", stream_event("sessions", (None, session())))
    publish_changes("items", stream_event("items", (item(), tombstone(item()))))
    publish_changes("jobs", stream_event("jobs", (job(), job(2, status="finished"))))
    told = {event["type"] for event in topic.bodies("webhooks")}
    assert told == {"session.started", "item.deleted", "import.finished"}


def test_ttl_s_removal_of_a_session_is_its_expiry(topic):
    publish_changes("sessions", stream_event("sessions", (session(), None), expired=True))
    assert [event["type"] for event in topic.bodies("webhooks")] == ["session.expired"]


def test_a_new_device_rides_as_an_attribute_for_filters(topic):
    started = [session(id=f"S{n}", new_device=new_device) for n, new_device in enumerate([True, False])]
    publish_changes("sessions", stream_event("sessions", *((None, row) for row in started)))
    told = {
        json.loads(record["body"])["data"]["new_device"]: record["messageAttributes"].keys()
        for record in topic.take("webhooks")
    }
    assert told == {True: {"type", "new_device"}, False: {"type"}}


def test_bulk_rides_as_an_attribute_for_filters(topic):
    publish_changes("users", stream_event("users", (None, user(source="import", import_job="J1"))))
    (record,) = topic.take("webhooks")
    assert {name: value["stringValue"] for name, value in record["messageAttributes"].items()} == {
        "type": "user.imported",
        "bulk": "true",
    }


@pytest.mark.slow
def test_one_publish_carries_ten_changes_and_there_is_no_other_call(topic):
    for changes, calls in ((1, 1), (10, 1), (11, 2), (30, 3)):
        with telemetry.recording() as seen:
            publish_changes("users", stream_event("users", *people(changes)))
        assert seen.names == ["PublishBatch"] * calls
        assert len(topic.bodies("webhooks")) == changes


def test_no_change_no_call(aws):
    with telemetry.recording() as seen:
        publish_changes("sessions", stream_event("sessions", (session(), session(2))))
    assert seen.names == []


def test_ten_of_the_largest_events_fit_one_publish(topic):
    largest = "x" * 7_500
    pairs = [
        (user(id=f"U{n}", attributes={"a": largest}), user(2, id=f"U{n}", attributes={"b": largest}))
        for n in range(10)
    ]
    with telemetry.recording() as seen:
        publish_changes("users", stream_event("users", *pairs))
    assert seen.names == ["PublishBatch"]
    received = topic.bodies("webhooks")
    assert len(received) == 10
    assert all(event["data"]["previous"]["attributes"] == {"a": largest} for event in received)


def test_a_poisoned_record_is_parked_by_its_keys_and_its_neighbours_go_on(topic):
    poison = (None, {"id": "U5", "email": "canary@mail.example"})
    publish_changes("users", stream_event("users", *people(2), poison, (None, user(id="U7"))))
    assert [event["subject"] for event in topic.bodies("webhooks")] == ["U0", "U1", "U7", "U7"]
    (parked,) = topic.bodies("streams-dlq")
    assert parked == {
        "source": "stream:users",
        "keys": {"keys": {"id": {"S": "U5"}}, "event": "INSERT"},
        "reason": "Malformed: a record of users without version, updated_at",
    }


def test_a_throttled_topic_brings_the_batch_again_and_parks_nothing_yet(topic):
    event = stream_event("users", *people(2), (None, {"id": "U5"}))
    with (
        failing("sns", "PublishBatch", "Throttled", 429),
        pytest.raises(Transient, match="2 records of stream:users must come again"),
    ):
        publish_changes("users", event)
    assert topic.bodies("streams-dlq") == []
    publish_changes("users", event)
    assert len(topic.bodies("webhooks")) == 2
    assert len(topic.bodies("streams-dlq")) == 1


@contextmanager
def entry_failing(code, *, sender_fault):
    """Have SNS refuse the first entry of each batch."""

    def refuse(parsed, **_):
        parsed["Failed"] = [{"Id": "0", "Code": code, "SenderFault": sender_fault, "Message": "on purpose"}]

    with listening(clients.client("sns"), "after-call.sns.PublishBatch", refuse):
        yield


def test_an_entry_that_sns_will_never_take_is_parked_by_its_id(topic):
    with entry_failing("InvalidParameter", sender_fault=True):
        publish_changes("users", stream_event("users", *people(2)))
    (parked,) = topic.bodies("streams-dlq")
    assert parked["keys"] == {"event": "users:U0:1:0", "type": "user.registered"}
    assert "InvalidParameter" in parked["reason"]
    assert "mail.example" not in json.dumps(parked)


@pytest.mark.parametrize(("code", "sender_fault"), [("InternalError", False), ("Throttled", True)])
def test_an_entry_that_sns_did_not_take_this_time_brings_the_batch_again(topic, code, sender_fault):
    with entry_failing(code, sender_fault=sender_fault), pytest.raises(Transient, match="stream:users"):
        publish_changes("users", stream_event("users", *people(2)))
    assert topic.bodies("streams-dlq") == []


def test_a_change_whose_event_sns_refuses_the_whole_call_for_is_parked_and_its_neighbours_are_published(topic):
    def refuse(params, **_):
        return refused("InvalidParameter") if "U7" in str(params["body"]) else None

    with listening(clients.client("sns"), "before-call.sns.PublishBatch", refuse):
        publish_changes("users", stream_event("users", *people(25)))
    told = [event["subject"] for event in topic.bodies("webhooks")]
    assert set(told) == {f"U{n}" for n in range(25)} - {"U7"}
    (parked,) = topic.bodies("streams-dlq")
    assert parked["keys"] == {"keys": {"id": {"S": "U7"}}, "event": "INSERT"}
    assert parked["reason"] == "ClientError: InvalidParameter"


def test_the_stream_of_another_table_is_not_taken_for_ours(aws):
    with pytest.raises(Malformed, match="not an event of aws:dynamodb table/"):
        publish_changes("users", stream_event("sessions", (None, session())))


def test_what_is_published_is_counted_and_logged_with_its_requests(topic, capsys, caplog):
    publish_changes("users", stream_event("users", *people(3)))
    (metric,) = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "Published" in line]
    assert metric["Published"] == [3.0]
    assert metric["source"] == "stream:users"
    (line,) = [record for record in caplog.records if record.message == "published"]
    assert (line.events, line.requests) == (3, ["R1"])
    assert line.filename == "publishing.py"


def test_publishing_nothing_is_nothing(aws):
    assert publish([], source="sweep") == []
