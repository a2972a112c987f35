"""The batch edge: what is done, what is parked, and what comes again, on each kind of source."""

from __future__ import annotations

import json

import pytest

from chalicelib.core.aws import batch, clients
from chalicelib.core.errors import Malformed, Transient, Unavailable
from chalicelib.core.settings import settings
from tests.cloudlike import NAMES
from tests.environment import ACCOUNT, REGION
from tests.functional.faults import failing, listening
from tests.functional.streams import queue_event, stream_event
from tests.unit.events.images import user

CANARY = "canary@mail.example"


class Handler:
    """Does what a body says: keeps it, raises what can never succeed, or what may later."""

    def __init__(self):
        self.done = []

    def __call__(self, message):
        body = message.json()
        if body["do"] == "refuse":
            raise Malformed("this can never be")
        if body["do"] == "break":
            raise KeyError(CANARY)
        if body["do"] == "wait":
            raise Unavailable("not now")
        self.done.append(body["n"])


@pytest.fixture
def handler():
    return Handler()


def sent(*bodies):
    """Put messages on the queue `items` and receive them, as Lambda's poller does: they stay there, invisible."""
    for body in bodies:
        clients.send("items", body if isinstance(body, str) else json.dumps(body))
    sqs = clients.client("sqs")
    records = []
    while len(records) < len(bodies):
        answer = sqs.receive_message(
            QueueUrl=settings().queue_url("items"), MaxNumberOfMessages=10, AttributeNames=["All"]
        )
        records += answer["Messages"]
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"],
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{NAMES.of('items')}",
            }
            for message in records
        ]
    }


def left():
    """How many messages the queue `items` still holds, seen or not."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = clients.client("sqs").get_queue_attributes(
        QueueUrl=settings().queue_url("items"), AttributeNames=names
    )
    return sum(int(answer["Attributes"][name]) for name in names)


def job(n, do="keep"):
    return {"n": n, "do": do}


def test_a_good_batch_is_lambda_s_to_delete(aws, handler):
    batch.from_queue("items", sent(job(1), job(2)), handler)
    assert handler.done == [1, 2]
    assert left() == 2


def test_what_can_never_succeed_is_parked_and_its_neighbours_go_on(aws, handler):
    batch.from_queue("items", sent(job(1), job(2, "refuse"), "{", job(4, "break"), job(5)), handler)
    assert handler.done == [1, 5]
    parked = {r["body"]: r["messageAttributes"]["reason"]["stringValue"] for r in aws.take("items-dlq")}
    assert parked == {
        json.dumps(job(2, "refuse")): "Malformed: this can never be",
        "{": "Malformed: the message body is not JSON",
        json.dumps(job(4, "break")): "KeyError",
    }


def test_what_may_succeed_later_comes_again_alone(aws, handler):
    event = sent(job(1), job(2, "wait"), job(3, "refuse"), job(4))
    with pytest.raises(Transient, match="1 records of items"):
        batch.from_queue("items", event, handler)
    assert handler.done == [1, 4]
    assert left() == 1
    assert len(aws.take("items-dlq")) == 1


@pytest.mark.slow
def test_each_that_comes_again_does_so_after_its_own_time(aws, handler):
    event = sent(*(job(n, "wait") for n in range(12)), job(12), job(13, "refuse"))
    shown = {}

    def show(params, **_):
        shown.update((entry["ReceiptHandle"], entry["VisibilityTimeout"]) for entry in params["Entries"])

    with (
        listening(clients.client("sqs"), "provide-client-params.sqs.ChangeMessageVisibilityBatch", show),
        pytest.raises(Transient, match="12 records of items"),
    ):
        batch.from_queue("items", event, handler, retry_after=lambda message: message.json()["n"])
    handles = [record["receiptHandle"] for record in event["Records"]]
    assert shown == {handles[n]: n for n in range(12)}
    assert left() == 12


@pytest.mark.slow
def test_done_messages_are_deleted_in_tens(aws, handler):
    with pytest.raises(Transient, match="1 records of items must come again"):
        batch.from_queue("items", sent(*(job(n) for n in range(23)), job(23, "wait")), handler)
    assert left() == 1


def test_nothing_is_done_before_the_work_for_all_is(aws, handler):
    def finish(_):
        raise Unavailable("not now")

    with pytest.raises(Transient, match="2 records of items"):
        batch.from_queue("items", sent(job(1), job(2)), handler, finish)
    assert left() == 2
    assert aws.take("items-dlq") == []


class Finisher:
    """Finishes numbers, all or none: never a bad one, and not now where one has to wait."""

    def __init__(self, bad=(), waits=()):
        self.bad, self.waits = set(bad), set(waits)
        self.finished = []
        self.calls = 0

    def __call__(self, numbers):
        self.calls += 1
        if self.bad & set(numbers):
            raise KeyError(CANARY)
        if self.waits & set(numbers):
            raise Unavailable("not now")
        self.finished += numbers


def number_of(message):
    return message.json()["n"]


@pytest.mark.parametrize("bad", [[], [0], [3], [9], [0, 9], [4, 5], list(range(10))])
def test_what_can_never_be_finished_is_parked_and_its_neighbours_are_finished_once_in_order(aws, bad):
    finish = Finisher(bad)
    batch.from_queue("items", sent(*map(job, range(10))), number_of, finish)
    assert finish.finished == [n for n in range(10) if n not in bad]
    parked = {json.loads(r["body"])["n"]: r["messageAttributes"] for r in aws.take("items-dlq")}
    assert sorted(parked) == bad
    assert all(attributes["reason"]["stringValue"] == "KeyError" for attributes in parked.values())
    assert finish.calls == (1 if not bad else finish.calls) < 20


def test_what_cannot_be_finished_now_comes_again_without_those_that_were(aws):
    finish = Finisher(bad=[0], waits=[6])
    with pytest.raises(Transient, match="4 records of items"):
        batch.from_queue("items", sent(*map(job, range(8))), number_of, finish)
    assert finish.finished == [1, 2, 3]
    assert left() == 4
    assert len(aws.take("items-dlq")) == 1


def test_a_record_of_a_stream_that_can_never_be_finished_is_parked_by_its_keys(aws):
    finish = Finisher(["U1"])
    batch.from_stream("users", changes("keep", "keep", "keep"), lambda change: change.keys["id"], finish)
    assert finish.finished == ["U0", "U2"]
    (parked,) = aws.bodies("streams-dlq")
    assert parked == {
        "source": "stream:users",
        "keys": {"keys": {"id": {"S": "U1"}}, "event": "INSERT"},
        "reason": "KeyError",
    }


def test_a_record_of_a_stream_is_parked_only_when_its_whole_batch_is_done(aws):
    finish = Finisher(["U0"], waits=["U2"])
    with pytest.raises(Transient, match="2 records of stream:users must come again"):
        batch.from_stream("users", changes("keep", "keep", "keep"), lambda change: change.keys["id"], finish)
    assert aws.take("streams-dlq") == []


def test_a_message_tells_how_often_it_came(aws):
    seen = []
    batch.from_queue("items", sent(job(1)), seen.append)
    assert seen[0].received == 1
    assert seen[0].sent_at > 1_700_000_000_000


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"Records": "none"},
        {"Records": [{}]},
        queue_event("mail", [job(1)]),
        stream_event("items", (None, user())),
    ],
)
def test_an_event_of_another_source_is_malformed(handler, event):
    with pytest.raises(Malformed, match="not an event of aws:sqs"):
        batch.from_queue("items", event, handler)
    assert handler.done == []


def changes(*whats):
    return stream_event("users", *((None, user(id=f"U{n}", do=do)) for n, do in enumerate(whats)))


def handle_change(done):
    def handle(change):
        if change.new["do"] == "refuse":
            raise Malformed("this can never be")
        if change.new["do"] == "wait":
            raise Unavailable("not now")
        done.append(change.keys["id"])

    return handle


def test_a_stream_s_poison_is_parked_by_its_keys_only(aws):
    done = []
    batch.from_stream("users", changes("keep", "refuse", "keep"), handle_change(done))
    assert done == ["U0", "U2"]
    (parked,) = aws.bodies("streams-dlq")
    assert parked == {
        "source": "stream:users",
        "keys": {"keys": {"id": {"S": "U1"}}, "event": "INSERT"},
        "reason": "Malformed: this can never be",
    }


def test_a_stream_batch_that_comes_again_is_parked_when_it_ends(aws):
    done = []
    with pytest.raises(Transient, match="1 records of stream:users must come again"):
        batch.from_stream("users", changes("keep", "refuse", "wait"), handle_change(done))
    assert done == ["U0"]
    assert aws.take("streams-dlq") == []


def test_a_stream_record_without_keys_is_parked(aws):
    event = changes("keep")
    del event["Records"][0]["dynamodb"]["Keys"]
    batch.from_stream("users", event, handle_change([]))
    (parked,) = aws.bodies("streams-dlq")
    assert "without keys" in parked["reason"]


def test_ttl_s_removals_are_told_from_others(aws):
    seen = []
    batch.from_stream("users", stream_event("users", (user(), None), expired=True), seen.append)
    batch.from_stream("users", stream_event("users", (user(), None)), seen.append)
    assert [change.expired for change in seen] == [True, False]
    assert [change.new for change in seen] == [None, None]


TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:{NAMES.of('mail-feedback')}"


def notifications(*messages):
    return {
        "Records": [
            {
                "EventSource": "aws:sns",
                "EventSubscriptionArn": f"{TOPIC}:1",
                "Sns": {"MessageId": f"m{n}", "Message": message},
            }
            for n, message in enumerate(messages)
        ]
    }


def take_notifications(event, done):
    def handle(record):
        if record["Sns"]["Message"] == "wait":
            raise Unavailable("not now")
        if record["Sns"]["Message"] != "keep":
            raise Malformed("this can never be")
        done.append(record["Sns"]["MessageId"])

    batch.from_source("aws:sns", TOPIC, event, handle, lambda record: record["Sns"]["MessageId"])


def test_a_notification_that_cannot_be_is_parked_as_described(aws):
    done = []
    take_notifications(notifications("keep", CANARY, "keep"), done)
    assert done == ["m0", "m2"]
    (parked,) = aws.bodies("invocations-dlq")
    assert parked == {"source": "aws:sns", "keys": "m1", "reason": "Malformed: this can never be"}


def test_a_notification_that_may_succeed_later_raises(aws):
    with pytest.raises(Transient, match="1 records of aws:sns must come again"):
        take_notifications(notifications("keep", CANARY, "wait"), [])
    assert aws.take("invocations-dlq") == []


def test_no_log_line_quotes_what_was_parked(aws, caplog, handler):
    batch.from_queue("items", sent(job(4, "break")), handler)
    batch.from_stream("users", changes("refuse"), handle_change([]))
    take_notifications(notifications(CANARY), [])
    assert caplog.records
    assert CANARY not in "\n".join(str(vars(record)) for record in caplog.records)


def test_a_record_is_not_lost_where_it_cannot_be_parked(aws, handler):
    event = sent(job(1, "refuse"))
    with (
        failing("sqs", "SendMessage", "RequestThrottled", 403),
        pytest.raises(Exception, match="RequestThrottled"),
    ):
        batch.from_queue("items", event, handler)
    assert left() == 1
