"""Item writes by queue, by Kinesis and by direct invocation: what is accepted is stored, what is bad is parked."""

from __future__ import annotations

import base64
import json
import re

import hypothesis
import pytest
from hypothesis import strategies as st

from chalicelib import items
from chalicelib.core import context
from chalicelib.core.aws import clients, telemetry
from chalicelib.core.errors import Malformed, Transient
from chalicelib.core.settings import settings
from chalicelib.items.ingest import put_items, take_queued_items, take_streamed_items
from chalicelib.items.model import ItemWrite
from chalicelib.items.queue import queue_items
from tests.functional.faults import failing, listening
from tests.functional.serial import one_call_at_a_time

SQS_TAKES = re.compile("[\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html"""


def document(number: int = 0, **changed: object) -> dict:
    return {
        "user_id": "U1",
        "item_id": f"W{number}",
        "item_key": f"k{number}",
        "item_value": number,
        "at": "2026-03-01T11:00:00Z",
        **changed,
    }


def values(aws) -> dict[str, object]:
    return {row["item_key"]: items.value_of(row) for row in aws.rows("items")}


def queued(aws, *bodies: object) -> dict:
    for body in bodies:
        clients.send("items", body if isinstance(body, str) else json.dumps(body))
    return {"Records": aws.take("items")}


def streamed(*documents: object) -> dict:
    arn = settings().arn("kinesis", f"stream/{settings().names.of('items')}")
    return {
        "Records": [
            {
                "eventSource": "aws:kinesis",
                "eventSourceARN": arn,
                "eventID": f"shard:{number}",
                "kinesis": {"data": base64.b64encode(json.dumps(each).encode()).decode()},
            }
            for number, each in enumerate(documents)
        ]
    }


@pytest.fixture(autouse=True)
def _one_at_a_time(aws, held_clock):
    with one_call_at_a_time():
        yield


def test_a_message_is_one_item_or_many(aws):
    take_queued_items(queued(aws, document(1), {"items": [document(2), document(3)]}))
    assert values(aws) == {"k1": 1, "k2": 2, "k3": 3}


def test_each_queued_item_costs_one_write(aws):
    event = queued(aws, {"items": [document(number) for number in range(5)]}, document(7))
    with telemetry.recording() as calls:
        take_queued_items(event)
    assert calls.names == ["UpdateItem"] * 6


BAD_MESSAGES = [
    ("{", "not JSON"),
    ("[" * 100_000, "not JSON"),
    ({"items": 7}, "items"),
    ({"items": [document(1), document(2, at="never")]}, "items.1.at"),
    (document(2, item_value="x" * 310_000), "items.0.item_value"),
    ({}, "items.0.user_id"),
    ("null", "items.0"),
]


@pytest.mark.slow
def test_a_bad_message_is_parked_and_its_neighbours_go_on(aws):
    for bad, why in BAD_MESSAGES:
        take_queued_items(queued(aws, bad, document(9)))
        assert values(aws)["k9"] == 9
        (parked,) = aws.take("items-dlq")
        assert why in parked["messageAttributes"]["reason"]["stringValue"]
        assert "xxx" not in parked["messageAttributes"]["reason"]["stringValue"]


def test_the_good_items_of_a_bad_message_are_stored(aws):
    take_queued_items(queued(aws, {"items": [document(1), {}, document(3)]}))
    assert values(aws) == {"k1": 1, "k3": 3}


@pytest.mark.slow
@pytest.mark.peers
def test_a_throttled_batch_comes_again_whole(aws):
    event = queued(aws, document(1), "{", document(2))
    with (
        failing("dynamodb", "UpdateItem", "ThrottlingException"),
        pytest.raises(Transient, match="2 records of items must come again"),
    ):
        take_queued_items(event)
    assert values(aws) == {}
    take_queued_items({"Records": [record for record in event["Records"] if record["body"] != "{"]})
    assert values(aws) == {"k1": 1, "k2": 2}
    assert len(aws.take("items-dlq")) == 1


@pytest.mark.slow
def test_what_is_queued_is_stored_in_the_name_of_who_asked(aws):
    with context.working_for("R1", "S1"):
        queue_items([ItemWrite.model_validate(document(number)) for number in range(20)])
    take_queued_items({"Records": aws.take("items")})
    assert values(aws) == {f"k{number}": number for number in range(20)}
    assert {(row["request_id"], row["changed_by"]) for row in aws.rows("items")} == {("R1", "S1")}


def test_messages_stay_within_what_sqs_takes(aws):
    writes = [ItemWrite.model_validate(document(number, item_value="é" * 40_000)) for number in range(30)]
    large = [ItemWrite.model_validate(document(99, item_value="x" * 300_000))]
    with telemetry.recording() as calls:
        queue_items(writes + large)
    sent = [[entry["MessageBody"] for entry in call.parameters["Entries"]] for call in calls.calls]
    assert 1024 * 512 < max(sum(len(body.encode()) for body in batch) for batch in sent) <= 1024 * 1024
    assert [len(batch) for batch in sent] == [6, 6, 4]
    bodies = [json.loads(body) for batch in sent for body in batch]
    assert [len(body["items"]) for body in bodies] == [2] * 15 + [1]


@hypothesis.given(st.text())
@hypothesis.settings(max_examples=30, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
def test_whatever_a_value_says_sqs_takes_and_gives_it_back(aws, text):
    hard = f"\ufffe{text}\uffff\x00\u2028\U0001ffff"
    with telemetry.recording() as calls:
        queue_items([ItemWrite.model_validate(document(item_value=hard))])
    (entry,) = calls.calls[0].parameters["Entries"]
    assert SQS_TAKES.fullmatch(entry["MessageBody"])
    assert json.loads(entry["MessageBody"])["items"][0]["item_value"] == hard


def test_messages_that_the_queue_leaves_are_sent_again(aws):
    left = [{"Failed": [{"Id": "0", "Code": "InternalError", "SenderFault": False}]}]

    def leave_one(parsed, **_):
        parsed.update(left.pop() if left else {})

    writes = [ItemWrite.model_validate(document(number, item_value="x" * 150_000)) for number in range(3)]
    leaving = listening(clients.client("sqs"), "after-call.sqs.SendMessageBatch", leave_one)
    with leaving, telemetry.recording() as calls:
        queue_items(writes)
    assert [len(call.parameters["Entries"]) for call in calls.calls] == [3, 1]


def test_kinesis_records_are_stored_and_bad_ones_parked_by_number(aws):
    take_streamed_items(streamed(document(1), {"items": [document(2), {}]}, "nothing", document(3)))
    assert values(aws) == {"k1": 1, "k2": 2, "k3": 3}
    parked = aws.bodies("streams-dlq")
    assert [body["keys"] for body in parked] == ["shard:1", "shard:2"]


def test_kinesis_data_that_is_no_json_is_parked(aws):
    event = streamed(document(1), document(2))
    event["Records"][0]["kinesis"]["data"] = "!"
    take_streamed_items(event)
    assert values(aws) == {"k2": 2}
    assert len(aws.bodies("streams-dlq")) == 1


def test_a_direct_invocation_says_what_it_took(aws):
    answer = put_items({"items": [document(1), document(2, item_key="a b"), "x", document(3)]})
    assert answer["accepted"] == 2
    assert [error["field"] for error in answer["errors"]] == ["items.1.item_key", "items.2.(document)"]
    assert values(aws) == {"k1": 1, "k3": 3}


def test_a_direct_invocation_of_another_shape_is_refused(aws):
    for event in (None, [], {}, {"items": {}}):
        with pytest.raises(Malformed, match=r"^expected "):
            put_items(event)
