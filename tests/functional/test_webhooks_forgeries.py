"""What a forged message on the queue `deliveries` has signed: the event of the delivery that it names, and no other."""

from __future__ import annotations

import json

import pytest

from tests.functional.delivering import attempt, happened, keep, publish, queued, webhook


@pytest.mark.parametrize(
    "change",
    [
        {"id": "users:U1:9:0", "data": {"pay": "mallory"}},
        {"subject": "U2", "data": {"pay": "mallory"}},
        {"time": "2026-03-01T11:59:59.501Z", "data": {"pay": "mallory"}},
        {"data": {"pay": "mallory"}},
        {"mallory": True},
    ],
)
def test_another_event_than_the_delivery_s_is_not_signed(stage, receiver, change):
    webhook(receiver)
    keep(stage, happened())
    publish(stage, happened())
    (record,) = stage.take("deliveries")
    forged = {**json.loads(record["body"]), "event": {**happened(), **change}}
    attempt(stage, [queued(json.dumps(forged))])
    (received,) = receiver.received
    assert json.loads(received.body)["id"] == happened()["id"]
    assert b"mallory" not in received.body


@pytest.mark.parametrize("event", [{}, {"id": {}}])
def test_what_is_no_event_is_not_signed(stage, receiver, event):
    webhook(receiver)
    keep(stage, happened())
    publish(stage, happened())
    (record,) = stage.take("deliveries")
    attempt(stage, [queued(json.dumps({**json.loads(record["body"]), "event": event}))])
    (received,) = receiver.received
    assert json.loads(received.body)["data"] == happened()["data"]


@pytest.mark.parametrize("event", ["x", 7, []])
def test_what_cannot_be_an_event_is_parked_and_takes_no_attempt(stage, receiver, event):
    webhook(receiver)
    publish(stage, happened())
    (record,) = stage.take("deliveries")
    attempt(stage, [queued(json.dumps({**json.loads(record["body"]), "event": event})), record])
    assert len(receiver.received) == len(stage.take("deliveries-dlq")) == 1


def test_no_message_names_a_host(stage, receiver):
    made, _ = webhook(receiver)
    publish(stage, happened())
    stage.take("deliveries")
    forged = {"webhook_id": made, "id": "D1", "tries": 0, "url": "https://evil.example/"}
    attempt(stage, [queued(json.dumps(forged)), queued(json.dumps({"webhook_id": made, "id": "D1", "tries": 0}))])
    assert receiver.received == []
    (parked,) = stage.take("deliveries-dlq")
    assert parked["messageAttributes"]["reason"]["stringValue"] == "Malformed: the message names no delivery"
