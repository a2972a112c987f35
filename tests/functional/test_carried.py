"""Whatever an event says, it arrives equal everywhere: queue, history, webhook, and all of these again by a replay."""

from __future__ import annotations

import json
from itertools import count

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chalicelib.core import wire
from chalicelib.core.aws import clients, packing, telemetry
from chalicelib.core.settings import settings as stage_settings
from chalicelib.event_bus.envelope import DATA_LIMIT, marked, size_of
from chalicelib.event_bus.publishing import publish
from chalicelib.events.history import record_history
from chalicelib.events.store import history, original
from chalicelib.webhooks.fanout import fan_out
from tests.cloudlike import topic_messages
from tests.functional.delivering import attempt, happened, webhook
from tests.temper import SNS_BYTES, SQS_BYTES

texts = st.text(st.characters() | st.sampled_from('\ufffe\uffff\x00\x1f\x85\u2028\U0001fffe\\"'))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)

NUMBERS = count(1)


@pytest.fixture
def subscribed(stage):
    for queue in ("history", "webhooks"):
        topic_messages(stage, queue)
    return stage


@pytest.mark.slow
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values)
@example({"\ufffe": ["\uffff", "\U0001fffe\U0010ffff", "\x00"]})
def test_an_event_arrives_as_it_was_published_and_so_does_its_replay(subscribed, receiver, value):
    if not receiver.received:
        webhook(receiver)
    number = next(NUMBERS)
    event = happened(number, id=f"users:U{number}:1:0", subject=f"U{number}", data={"user": {"attributes": value}})
    publish([event], source="test")
    told = subscribed.take("history")
    assert [json.loads(record["body"]) for record in told] == [event]
    record_history({"Records": told})
    (row,) = history().all_of(f"U{number}")
    assert original(row) == event
    for sent in (event, marked(original(row), "replayed")):
        if sent is not event:
            publish([sent], source="replay")
            assert subscribed.bodies("history") == [sent]
        fan_out({"Records": subscribed.take("webhooks")})
        attempt(subscribed)
        assert json.loads(receiver.received[-1].body) == {**sent, "timestamp": sent["time"]}


@pytest.mark.slow
def test_ten_events_as_large_as_they_come_are_published_whatever_they_hold(subscribed):
    many = [happened(number, data={"text": "\ufffe" * (DATA_LIMIT // 6 - 2)}) for number in range(1, 21)]
    assert max(size_of(event["data"]) for event in many) > DATA_LIMIT - 20
    with telemetry.recording() as calls:
        assert publish(many, source="test") == []
    assert subscribed.bodies("history") == many
    assert len(calls.of("PublishBatch")) == 2


@pytest.mark.slow
def test_events_above_what_one_call_takes_go_in_more_of_them(subscribed):
    many = [happened(number, data={"text": "\uffff" * 10_000}) for number in range(1, 8)]
    with telemetry.recording() as calls:
        assert publish(many, source="test") == []
    assert subscribed.bodies("history") == many
    assert len(calls.of("PublishBatch")) == 2


def test_moto_has_the_temper_of_aws(subscribed):
    sqs, sns, s3 = (clients.client(service) for service in ("sqs", "sns", "s3"))
    url, topic = stage_settings().queue_url("items"), stage_settings().arn("sns", "rollcall-test-user-events")
    bucket = stage_settings().bucket("work")
    half = "x" * (SQS_BYTES // 2 + 1)
    refusals = [
        ("InvalidMessageContents", lambda: sqs.send_message(QueueUrl=url, MessageBody="\ufffe")),
        ("InvalidParameterValue", lambda: sqs.send_message(QueueUrl=url, MessageBody=half * 2)),
        (
            "AWS.SimpleQueueService.BatchRequestTooLong",
            lambda: sqs.send_message_batch(
                QueueUrl=url, Entries=[{"Id": name, "MessageBody": half} for name in ("a", "b")]
            ),
        ),
        (
            "BatchRequestTooLong",
            lambda: sns.publish_batch(
                TopicArn=topic, PublishBatchRequestEntries=[{"Id": "a", "Message": "x" * (SNS_BYTES + 1)}]
            ),
        ),
        ("KeyTooLongError", lambda: s3.put_object(Bucket=bucket, Key="k" * 1025)),
        ("MetadataTooLarge", lambda: s3.put_object(Bucket=bucket, Key="k", Metadata={"a": "x" * 2048})),
        ("AccessDenied", lambda: s3.get_object(Bucket=bucket, Key="none")),
        ("403", lambda: s3.head_object(Bucket=bucket, Key="none")),
        ("AccessDeniedException", lambda: clients.secret("none")),
    ]
    for code, ask in refusals:
        with pytest.raises(sqs.exceptions.ClientError) as met:
            ask()
        assert met.value.response["Error"]["Code"] == code
    entry = {"Id": "a", "Message": '"\ufffe"'}
    sns.publish_batch(
        TopicArn=topic, PublishBatchRequestEntries=[entry, {"Id": "b", "Message": wire.to_json("\ufffe")}]
    )
    assert subscribed.bodies("history") == ["\ufffe"]
    assert (packing.SNS_BYTES, packing.SQS_BYTES) == (SNS_BYTES, SQS_BYTES)
