"""What a dead letter says of itself, by how it came into its queue. Contents are never among it."""

from __future__ import annotations

import json

import pytest

from chalicelib.core.errors import NotFound
from chalicelib.operations.dead_letter import dead_letter_queue, read

SECRET = "ada@example.com"
EVENT = {
    "specversion": "1.0",
    "id": "users:U1:2:0",
    "type": "user.updated",
    "subject": "U1",
    "data": {"x": SECRET},
}
FUNCTION = "arn:aws:lambda:eu-central-1:000000000000:function:rollcall-dev-on_upload:$LATEST"
STREAM = "arn:aws:dynamodb:eu-central-1:000000000000:table/rollcall-dev-users/stream/2026-01-01T00:00:00.000"


def message(body, attributes=None, **system):
    texts = {name: {"DataType": "String", "StringValue": text} for name, text in (attributes or {}).items()}
    return {
        "MessageId": "m1",
        "ReceiptHandle": "r1",
        "Body": body if isinstance(body, str) else json.dumps(body),
        "Attributes": {"SentTimestamp": "1772366400000", **system},
        "MessageAttributes": texts,
    }


PARKED_BY_US = {"reason": "Malformed: the message is no mail request"}
FAILED = {"DeadLetterQueueSourceArn": "arn:aws:sqs:eu-central-1:000000000000:rollcall-dev-mail"}
ENVELOPE = {
    "requestContext": {"functionArn": FUNCTION, "condition": "RetriesExhausted", "approximateInvokeCount": 3},
    "requestPayload": {"Records": [{"address": SECRET}]},
    "responsePayload": {"errorType": "Transient", "errorMessage": f"to {SECRET}"},
}
POSITION = {
    "requestContext": {"functionArn": FUNCTION, "condition": "RecordAgeExceeded", "approximateInvokeCount": 40},
    "DDBStreamBatchInfo": {"shardId": "s1", "startSequenceNumber": "1", "endSequenceNumber": "9", "batchSize": 9}
    | {"streamArn": STREAM, "approximateArrivalOfFirstRecord": "2026-03-01T00:00:00Z"},
}
CHANGE = {"keys": {"id": {"S": "U1"}}, "event": "MODIFY"}
OURS = {"source": "stream:users", "keys": CHANGE, "reason": "Malformed: a record of users without version"}
REFUSED = {
    "source": "sweep",
    "keys": {"event": "users:U1:2:0", "type": "user.updated"},
    "reason": "SNS refused it",
}
SCHEDULE = {"TARGET_ARN": FUNCTION, "ERROR_CODE": "NO_PERMISSIONS", "RETRY_ATTEMPTS": "185"}

TOLD = {
    "an event that our code parked": (
        ("history-dlq", message(EVENT, {"reason": "Malformed: no"})),
        ("queue history", {"id": "users:U1:2:0", "type": "user.updated", "subject": "U1"}, "Malformed: no", 1),
    ),
    "an event whose consumer kept failing": (
        ("history-dlq", message(EVENT, **FAILED)),
        (
            "queue history",
            {"id": "users:U1:2:0", "type": "user.updated", "subject": "U1"},
            "its consumer failed each time; its log says why",
            6,
        ),
    ),
    "an event that SNS could not deliver": (
        ("insights-dlq", message({"specversion": "1.0", "id": "i"})),
        ("outside the queue", {"id": "i"}, "SNS could not put it on the queue, or somebody put it here", 0),
    ),
    "a request for a mail": (
        ("mail-dlq", message({"template": "password_reset", "to": SECRET, "key": "I1"}, PARKED_BY_US)),
        ("queue mail", {"template": "password_reset", "key": "I1"}, PARKED_BY_US["reason"], 1),
    ),
    "a plain mail": (
        ("mail-dlq", message({"to": SECRET, "subject": SECRET, "body": SECRET}, PARKED_BY_US)),
        ("queue mail", {}, PARKED_BY_US["reason"], 1),
    ),
    "what is no JSON": (
        ("mail-dlq", message(SECRET, PARKED_BY_US)),
        ("queue mail", {}, PARKED_BY_US["reason"], 1),
    ),
    "an attempt of a delivery": (
        ("deliveries-dlq", message({"webhook_id": "W1", "id": "D1", "tries": 2, "event": EVENT}, PARKED_BY_US)),
        ("queue deliveries", {"webhook_id": "W1", "id": "D1", "tries": "2"}, PARKED_BY_US["reason"], 1),
    ),
    "item writes": (
        ("items-dlq", message({"items": [{"item_value": SECRET}], "actor": "U9"}, PARKED_BY_US)),
        ("queue items", {}, PARKED_BY_US["reason"], 1),
    ),
    "a page of a job": (
        ("jobs-dlq", message({"job": "J1", "kind": "erasure", "page": {}}, PARKED_BY_US)),
        ("queue jobs", {"job": "J1", "kind": "erasure"}, PARKED_BY_US["reason"], 1),
    ),
    "a change": (("streams-dlq", message(OURS)), ("stream:users", {"id": "U1"}, OURS["reason"], 1)),
    "an event that SNS refused": (
        ("invocations-dlq", message(REFUSED)),
        ("sweep", REFUSED["keys"], "SNS refused it", 1),
    ),
    "a record of Kinesis": (
        ("streams-dlq", message({"source": "aws:kinesis", "keys": "shard:1", "reason": "KeyError"})),
        ("aws:kinesis", {"id": "shard:1"}, "KeyError", 1),
    ),
    "a position in a stream": (
        ("streams-dlq", message(POSITION)),
        (
            "stream:users",
            {"shardId": "s1", "startSequenceNumber": "1", "endSequenceNumber": "9", "batchSize": 9},
            "RecordAgeExceeded",
            40,
        ),
    ),
    "an invocation": (
        ("invocations-dlq", message(ENVELOPE)),
        ("function rollcall-dev-on_upload", {}, "RetriesExhausted Transient", 3),
    ),
    "a schedule": (
        ("invocations-dlq", message({"id": "e1", "detail": {}}, SCHEDULE)),
        ("schedule of rollcall-dev-on_upload", {"id": "e1"}, "NO_PERMISSIONS", 185),
    ),
    "something else": (("invocations-dlq", message("hello")), ("unknown", {"id": None}, "nobody says", 0)),
}


@pytest.mark.parametrize("case", TOLD)
def test_a_dead_letter_says_where_from_what_and_why(case):
    (queue, received), expected = TOLD[case]
    letter = read(queue, received)
    assert (letter.source, letter.keys, letter.reason, letter.times) == expected
    assert SECRET not in repr(expected)
    assert letter.sent_at.isoformat() == "2026-03-01T12:00:00+00:00"


def test_ids_of_any_length_are_cut():
    letter = read("mail-dlq", message({"template": "x" * 500}, PARKED_BY_US))
    assert len(letter.keys["template"]) == 80


@pytest.mark.parametrize("name", ["mail", "mail-dlq"])
def test_a_queue_is_named_with_or_without_its_ending(name):
    assert dead_letter_queue(name) == "mail-dlq"


@pytest.mark.parametrize("name", ["", "users", "Mail"])
def test_a_queue_that_is_none_is_refused_with_those_that_are(name):
    with pytest.raises(NotFound, match=r"history.*streams, invocations"):
        dead_letter_queue(name)


STRANGE = {
    "an envelope of no form": {"requestContext": 1},
    "a count that is none": {"requestContext": {"approximateInvokeCount": "often"}},
    "a response of no form": {"requestContext": {}, "responsePayload": "it failed"},
    "a batch of no form": {"requestContext": {}, "DDBStreamBatchInfo": "all of it"},
    "a function of no form": {"requestContext": {"functionArn": {"Ref": "F"}}},
    "keys of no form": {"source": "stream:users", "keys": {"event": "MODIFY", "keys": {"id": {"S": 1, "N": 2}}}},
}


@pytest.mark.parametrize("document", STRANGE.values(), ids=STRANGE)
@pytest.mark.parametrize("queue", ["items-dlq", "invocations-dlq", "streams-dlq"])
def test_a_message_of_a_strange_form_is_listed_like_any_other(queue, document):
    assert read(queue, message(document)).description["id"] == "m1"


def test_what_a_producer_writes_into_a_queue_is_not_taken_for_what_lambda_says():
    forged = read("items-dlq", message(ENVELOPE | {"items": []}, SCHEDULE | PARKED_BY_US))
    assert (forged.source, forged.reason, forged.times) == ("queue items", PARKED_BY_US["reason"], 1)


def test_a_producers_own_reason_is_cut_and_need_be_no_text():
    assert len(read("items-dlq", message({"items": []}, {"reason": "x" * 100_000})).reason) == 300
    binary = message({"items": []})
    binary["MessageAttributes"]["reason"] = {"DataType": "Binary", "BinaryValue": b"x"}
    assert read("items-dlq", binary).reason == ""
