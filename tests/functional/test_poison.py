"""Whatever one record holds, its neighbours are done: hostile bodies beside good ones, at every consumer of a batch.

What can never succeed is parked, and nothing is raised but for what may succeed later.
"""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.accounts.mailed.intent_answers import answer_intents
from chalicelib.core import clock
from chalicelib.core.aws import telemetry
from chalicelib.core.aws.packing import SQS_BYTES
from chalicelib.core.errors import Malformed, Transient
from chalicelib.core.names import QUEUES
from chalicelib.events.stream_changes import publish_changes
from chalicelib.imports.uploads import receive_uploads
from chalicelib.insights.counting import count_events
from chalicelib.items.ingest import put_items, take_streamed_items
from chalicelib.mail_delivery.delivery import deliver_mail
from chalicelib.mail_delivery.feedback import take_feedback
from chalicelib.mail_delivery.operator_alerts import mail_operators
from chalicelib.webhooks.endpoints import create
from tests import system
from tests.cloudlike import NAMES, stage, topic_messages
from tests.environment import ACCOUNT, REGION
from tests.functional.faults import failing
from tests.functional.streams import queue_event, stream_event
from tests.unit.events.images import user

EVENT = {
    "specversion": "1.0",
    "id": "users:U1:1:0",
    "source": "https://rollcall.example",
    "type": "user.registered",
    "subject": "U1",
    "time": "2026-03-01T12:00:00.000Z",
    "sequence": "000000000001",
    "data": {},
}
WRITE = {"user_id": "U1", "item_id": "W1", "item_key": "k", "item_value": 1, "at": "2026-03-01T12:00:00.000Z"}
GOOD = {
    "mail": {"to": "ann@example.com", "subject": "Hello", "body": "Text", "id": "E1"},
    "history": EVENT,
    "insights": EVENT,
    "webhooks": EVENT,
    "deliveries": {"webhook_id": "W1", "id": "D1", "tries": 0},
    "items": WRITE,
    "jobs": {"job": "none", "kind": "replay", "page": {"after": ""}},
}
EFFECTS = {
    "mail": "mail",
    "history": "history",
    "insights": "insights",
    "webhooks": "deliveries",
    "items": "items",
}
"""Where the good neighbour leaves a row; an attempt of no delivery, and a page of no job, leave none."""

DEEP = ["[" * 1500, "[" * 1500 + "]" * 1500, '{"items":' + "[" * 300 + "]" * 300 + "}", '{"a":' * 100_000]
NUMBERS = ["1" * 5000, "NaN", '{"tries":1e999}', '{"items":[{"item_value":-Infinity}]}', '{"data":{"n":1e400}}']
TEXTS = [
    "",
    " ",
    "null",
    "7",
    '"x"',
    "[]",
    "{}",
    "\ufeff{}",
    '{"subject":"\\ud800"}',
    '{"template":{},"mac":7}',
    "x" * 1000,
]
LONG = "x" * 3000

ODD: list = [
    None,
    True,
    -1,
    1.5,
    10**40,
    "",
    "\ud800",
    "\x00",
    LONG,
    "ℕ",
    [],
    [[]],
    {},
    {"a": {"b": [None]}},
    "2026-03-01",
    "9999-99-99T99:99:99.999Z",
]
SPOILT_EVENTS = [
    {**EVENT, "id": "x" * 2044},
    {**EVENT, "data": {"legacy_hash": {"after": 7}}},
    {**EVENT, "data": {"legacy_hash": {"after": 1.5, "before": [1]}}},
    {**EVENT, "data": {"legacy_hash": {"after": "x" * 70_000}}},
    {**EVENT, "data": {"legacy_hash": {"after": "\ud800"}}},
    {**EVENT, "data": {"legacy_hash": "md5"}},
    {**EVENT, "data": {"legacy_hash": {"after": "a.b"}}},
    {**EVENT, "data": {"legacy_hash": {"before": "made-up"}}},
    {**EVENT, "data": ["x"]},
    {**EVENT, "data": {"x": "x" * 1_000_000}},
    {**EVENT, "requestid": 7},
    {**EVENT, "actor": {"id": "U1"}},
]


def bodies(queue: str) -> st.SearchStrategy[str]:
    """Messages of a queue in which a field is odd, missing or too much; and what is no message at all."""
    good = GOOD[queue]
    spoilt = st.builds(
        lambda name, value: {**good, name: value}, st.sampled_from([*good, "items", "page"]), st.sampled_from(ODD)
    )
    anything = st.recursive(
        st.sampled_from(ODD), lambda inner: st.dictionaries(st.sampled_from([*good, "x"]), inner), max_leaves=6
    )
    return st.one_of(spoilt, anything, st.sampled_from(SPOILT_EVENTS)).map(json.dumps) | st.sampled_from(
        [*DEEP, *NUMBERS, *TEXTS]
    )


def records(queue: str, *texts: str) -> dict:
    event = queue_event(queue, list(texts))
    for number, (record, text) in enumerate(zip(event["Records"], texts, strict=True)):
        record |= {"body": text, "messageId": f"m{number}"}
    return event


def prepared(queue: str) -> None:
    if queue == "webhooks":
        create({"url": "https://93.184.216.34/", "types": []})


@pytest.mark.slow
@pytest.mark.parametrize("queue", QUEUES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_message_of_any_content_leaves_its_neighbours_alone(queue, data):
    hostile = data.draw(bodies(queue))
    with stage() as cloud:
        prepared(queue)
        system.consume(queue, records(queue, hostile, json.dumps(GOOD[queue])))
        assert queue not in EFFECTS or cloud.rows(EFFECTS[queue])
        assert len(cloud.take(f"{queue}-dlq")) <= 1


@pytest.mark.slow
@pytest.mark.parametrize("text", [*DEEP, *NUMBERS], ids=lambda text: text[:12])
@pytest.mark.parametrize("queue", QUEUES)
def test_what_no_python_reads_is_parked(aws, queue, text):
    prepared(queue)
    system.consume(queue, records(queue, json.dumps(GOOD[queue]), text))
    (parked,) = aws.take(f"{queue}-dlq")
    assert parked["body"] == text
    assert parked["messageAttributes"]["reason"]["stringValue"].startswith("Malformed: the message body is")


@pytest.mark.parametrize("event", SPOILT_EVENTS, ids=lambda event: repr(event)[-30:])
def test_an_event_that_cannot_be_counted_is_parked_and_its_neighbours_are_counted(aws, event):
    count_events(queue_event("insights", [event, EVENT]))
    assert [
        row["2026-03-01T12/registrations"] for row in aws.rows("insights") if row["id"].startswith("tally#")
    ] == [1]
    assert len(aws.take("insights-dlq")) == 1


FULL = {"to": "ann@example.com", "body": "x" * (SQS_BYTES - 50)}


def test_a_message_that_fills_what_sqs_takes_is_parked_whole(aws):
    body = json.dumps(FULL)[:SQS_BYTES]
    deliver_mail(records("mail", json.dumps(GOOD["mail"]), body))
    (parked,) = aws.take("mail-dlq")
    assert parked["body"] == body
    assert len(aws.rows("mail")) == 1


def test_one_that_waits_and_has_no_room_for_that_comes_again_alone(aws):
    padded = json.dumps(GOOD["mail"]).ljust(SQS_BYTES)
    with failing("sesv2", "SendEmail", "SendingPausedException"), pytest.raises(Transient, match="1 records"):
        deliver_mail(records("mail", padded, "["))
    assert len(aws.take("mail-dlq")) == 1
    assert aws.take("mail") == []


def test_one_with_ten_attributes_waits_like_any_other(aws):
    event = records("mail", json.dumps(GOOD["mail"]))
    event["Records"][0]["messageAttributes"] = {
        f"a{n}": {"stringValue": "x", "dataType": "String"} for n in range(10)
    }
    event["Records"][0]["attributes"]["SentTimestamp"] = str(clock.epoch() * 1000)
    with failing("sesv2", "SendEmail", "SendingPausedException"), telemetry.recording() as calls:
        deliver_mail(event)
    (again,) = calls.of("SendMessage")
    assert again.error == ""
    assert len(again.parameters["MessageAttributes"]) == 2


IMAGES = {
    "users": user(),
    "sessions": {
        "id": "S1",
        "user_id": "U1",
        "version": 1,
        "expires_at": 1,
        "request_id": "",
        "changed_by": "",
        "created_at": "2026-03-01T12:00:00.000Z",
        "updated_at": "2026-03-01T12:00:00.000Z",
    },
    "items": {
        "user_id": "U1",
        "item_key": "k",
        "version": 1,
        "at": "2026-03-01T12:00:00.000Z",
        "size": 1,
        "sha256": "0",
        "value": "1",
        "updated_at": "2026-03-01T12:00:00.000Z",
        "request_id": "",
        "changed_by": "",
    },
    "jobs": {
        "id": "J1",
        "part": "job",
        "kind": "import",
        "status": "finished",
        "version": 2,
        "request_id": "",
        "created_at": "2026-03-01T12:00:00.000Z",
        "updated_at": "2026-03-01T12:00:00.000Z",
        "counts": {},
    },
}
VALUES = [
    None,
    True,
    7,
    10**37,
    "",
    LONG,
    "x" * 300_000,
    "\u2115",
    [],
    ["x"],
    {},
    {"a": b"\xff"},
    b"\x00",
    {"x", "y"},
]
NAMES_OF = {
    table: [*image, "request_id", "traceparent", "deleted_at", "reason"] for table, image in IMAGES.items()
}


@pytest.mark.slow
@pytest.mark.parametrize("table", sorted(IMAGES))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_change_of_any_record_leaves_its_neighbours_alone(table, data):
    good = IMAGES[table]
    odd = {**good, data.draw(st.sampled_from(NAMES_OF[table])): data.draw(st.sampled_from(VALUES))}
    pairs = data.draw(st.sampled_from([[(None, odd)], [(good, odd)], [(odd, None)], [(odd, good)]]))
    with stage() as cloud:
        topic_messages(cloud, "history")
        publish_changes(table, stream_event(table, *pairs, (None, good)))
        assert good_event(table) in [event["id"] for event in cloud.bodies("history")]
        assert len(cloud.take("streams-dlq")) <= 1


def good_event(table: str) -> str:
    key = {"items": "U1/k"}.get(table, IMAGES[table].get("id"))
    return f"{table}:{key}:{IMAGES[table]['version']}:0"


def test_an_image_whose_request_is_a_number_is_parked_alone(aws):
    topic_messages(aws, "history")
    publish_changes("users", stream_event("users", (None, user(id="U1", request_id=7)), (None, user(id="U2"))))
    assert {event["subject"] for event in aws.bodies("history")} == {"U2"}
    (parked,) = aws.bodies("streams-dlq")
    assert parked["keys"]["keys"] == {"id": {"S": "U1"}}


@pytest.mark.parametrize("kind", ["NS", "BS", "XX"])
def test_sets_of_others_and_types_of_tomorrow_are_parked_alone_at_worst(aws, kind):
    topic_messages(aws, "history")
    event = stream_event("users", (None, user(id="U1")), (None, user(id="U2")))
    event["Records"][0]["dynamodb"]["NewImage"]["attributes"] = {kind: ["1"] if kind == "NS" else ["AA=="]}
    publish_changes("users", event)
    assert "U2" in {happened["subject"] for happened in aws.bodies("history")}


def test_a_foreign_event_is_no_success_whatever_its_records_are_called(aws):
    for name in ("INSERT", "MODIFY", "REMOVE", None):
        event = stream_event("users", (None, user()))
        event["Records"][0]["eventName"] = name
        with pytest.raises(Malformed, match="not an event of aws:dynamodb table/"):
            answer_intents(event)
    for event in ({}, [], None, {"Records": None}, {"Records": [None]}, {"Records": [{"s3": 7}]}):
        with pytest.raises(Malformed, match="not an event of aws:dynamodb"):
            answer_intents(event)


@pytest.mark.slow
@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_an_intent_of_any_content_leaves_its_neighbours_alone(aws, odd):
    good = {"id": "I1", "purpose": "register", "email": "ann@example.com", "email_key": "ann@example.com"}
    good |= {"request_id": "R1", "expires_at": clock.epoch() + 900, "created_at": clock.timestamp()}
    aws.put("intents", good)
    spoilt = []
    for name in good.keys() - {"id", "expires_at"}:
        spoilt.append({**good, "id": f"I-{name}", name: odd if odd != "\ud800" else b"x"})
        aws.put("intents", spoilt[-1])
    answer_intents(stream_event("intents", *((None, intent) for intent in [*spoilt, good])))
    assert "I1" in {mail["key"] for mail in aws.bodies("mail")}


TOPICS = {"mail-feedback": take_feedback, "ops-alerts": mail_operators}


@pytest.mark.parametrize("topic", sorted(TOPICS))
@pytest.mark.parametrize(
    "notification",
    [*ODD, *({"MessageId": "m", "Message": text} for text in [*DEEP, *NUMBERS, *TEXTS, 7])],
    ids=lambda n: repr(n)[:40],
)
def test_a_notification_of_any_content_is_taken_or_parked(aws, topic, notification):
    place = f"arn:aws:sns:{REGION}:{ACCOUNT}:{NAMES.of(topic)}:1"
    TOPICS[topic]({"Records": [{"EventSource": "aws:sns", "EventSubscriptionArn": place, "Sns": notification}]})
    assert len(aws.take("invocations-dlq")) <= 1


@pytest.mark.parametrize("thing", ODD, ids=repr)
def test_an_upload_of_any_shape_is_parked_and_the_next_one_looked_at(aws, thing):
    bucket = NAMES.bucket("uploads", ACCOUNT, REGION)
    odd = {"eventSource": "aws:s3", "s3": {"bucket": {"name": bucket}, "object": thing}}
    late = {
        "eventSource": "aws:s3",
        "s3": {"bucket": {"name": bucket}, "object": {"key": thing}},
        "eventTime": thing,
    }
    receive_uploads({"Records": [odd, late]})
    assert len(aws.take("invocations-dlq")) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "data",
    [
        None,
        7,
        "not base64",
        *(base64.b64encode(text.encode(errors="replace")).decode() for text in [*DEEP, *NUMBERS, *TEXTS]),
    ],
    ids=lambda n: repr(n)[:40],
)
def test_a_kinesis_record_of_any_content_leaves_its_neighbours_alone(aws, data):
    place = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/{NAMES.of('items')}"
    good = base64.b64encode(json.dumps(WRITE).encode()).decode()
    records = [
        {"eventSource": "aws:kinesis", "eventSourceARN": place, "eventID": "e", "kinesis": {"data": each}}
        for each in (data, good)
    ]
    take_streamed_items({"Records": records})
    assert [row["item_key"] for row in aws.rows("items")] == ["k"]
    assert len(aws.take("streams-dlq")) == 1


@pytest.mark.parametrize("event", [*ODD, {"items": [WRITE, *ODD]}], ids=lambda event: repr(event)[:30])
def test_a_direct_invocation_of_any_content_stores_what_is_good(aws, event):
    try:
        put_items(event)
    except Malformed:
        assert "items" not in (event if isinstance(event, dict) else {})
    assert len(aws.rows("items")) == ("items" in event if isinstance(event, dict) else 0)
