"""The simulated queue and its mapping hold to what AWS documents of SQS and of Lambda with SQS.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
"""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from chalicelib.core import clock
from tests.simulation.sources import Function, Queue, QueueMapping, settle

pytestmark = pytest.mark.usefixtures("held_clock")

VISIBILITY = timedelta(seconds=60)


class Told:
    """A handler that keeps the batches it got, as their bodies, and does with each what it was told."""

    def __init__(self, answer=lambda batch: None):
        self.batches = []
        self.answer = answer

    def __call__(self, event, context):
        self.batches.append([record["body"] for record in event["Records"]])
        return self.answer(event["Records"])


def fail(batch):
    raise RuntimeError("on purpose")


def fail_once():
    tries = iter([fail, lambda batch: None])
    return lambda batch: next(tries)(batch)


def reporting(identifiers):
    return lambda batch: {"batchItemFailures": [{"itemIdentifier": one} for one in identifiers(batch)]}


def queue(bodies="abc", **options):
    made = Queue("items", visibility=VISIBILITY, **options)
    for body in bodies:
        made.send(body)
    return made


def left(queue):
    return [message.body for message in queue.messages]


def test_a_batch_that_succeeds_is_deleted():
    source, handler = queue("abcdefghijkl"), Told()
    settle(QueueMapping(source, Function("f", handler)))
    assert handler.batches == [list("abcdefghij"), ["k", "l"]]
    assert left(source) == []


def test_a_batch_that_fails_comes_again_when_its_visibility_is_over():
    source, handler = queue(), Told(fail_once())
    mapping = QueueMapping(source, Function("f", handler))
    assert mapping.poll()
    clock.tick(seconds=59)
    assert not mapping.poll()
    clock.tick(seconds=1)
    assert mapping.poll()
    assert handler.batches == [list("abc")] * 2
    assert left(source) == []


def test_a_message_that_was_received_too_often_goes_to_the_dead_letter_queue_under_its_id():
    dead = Queue("items-dlq")
    source = queue("a", max_receives=3, dead_letters=dead)
    (sent,) = source.messages
    handler = Told(fail)
    settle(QueueMapping(source, Function("f", handler)))
    assert handler.batches == [["a"]] * 3
    assert [(message.id, message.body) for message in dead.messages] == [(sent.id, "a")]
    assert left(source) == []


def test_what_is_redriven_is_counted_from_the_beginning():
    dead = Queue("items-dlq")
    source = queue("a", max_receives=1, dead_letters=dead)
    settle(QueueMapping(source, Function("f", Told(fail))))
    dead.redrive(source)
    handler = Told()
    settle(QueueMapping(source, Function("f", handler)))
    assert handler.batches == [["a"]]
    assert left(source) == left(dead) == []


def test_a_record_tells_how_often_it_came_and_when_it_was_sent():
    seen = []
    source = queue("a")
    mapping = QueueMapping(source, Function("f", lambda event, context: seen.extend(event["Records"]) or fail([])))
    mapping.poll()
    clock.tick(seconds=60)
    mapping.poll()
    assert [record["attributes"]["ApproximateReceiveCount"] for record in seen] == ["1", "2"]
    assert len({record["messageId"] for record in seen}) == 1
    assert len({record["receiptHandle"] for record in seen}) == 2
    assert {record["attributes"]["SentTimestamp"] for record in seen} == {"1772366400000"}


def test_without_the_setting_what_a_function_reports_is_success():
    """The response is looked at only with `ReportBatchItemFailures`: without it the failed messages are lost."""
    source, handler = queue(), Told(reporting(lambda batch: [batch[1]["messageId"]]))
    settle(QueueMapping(source, Function("f", handler)))
    assert (len(handler.batches), left(source)) == (1, [])


def test_with_the_setting_only_what_is_reported_comes_again():
    tries = iter([reporting(lambda batch: [batch[1]["messageId"]]), lambda batch: None])
    source, handler = queue(), Told(lambda batch: next(tries)(batch))
    settle(QueueMapping(source, Function("f", handler), report_failures=True))
    assert handler.batches == [["a", "b", "c"], ["b"]]
    assert left(source) == []


@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}])
def test_an_empty_report_is_complete_success(answer):
    source = queue()
    QueueMapping(source, Function("f", Told(lambda batch: answer)), report_failures=True).poll()
    assert left(source) == []


@pytest.mark.parametrize(
    "answer",
    [
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{"itemIdentifier": None}]},
        {"batchItemFailures": [{"messageId": "items-1"}]},
        {"batchItemFailures": [{"itemIdentifier": "of-no-message"}]},
        {"batchItemFailures": ["items-1"]},
        {"batchItemFailures": "items-1"},
        "not an object",
        {"batchItemFailures": {1, 2}},
    ],
    ids=str,
)
def test_a_malformed_report_is_complete_failure(answer):
    source = queue()
    QueueMapping(source, Function("f", Told(lambda batch: answer)), report_failures=True).poll()
    assert left(source) == ["a", "b", "c"]


def test_what_a_function_deleted_itself_does_not_come_again():
    source = queue("ab")

    def delete_one_and_fail(batch):
        source.delete(batch[0]["receiptHandle"])
        fail(batch)

    tries = iter([delete_one_and_fail, lambda batch: None])
    handler = Told(lambda batch: next(tries)(batch))
    settle(QueueMapping(source, Function("f", handler)))
    assert handler.batches == [["a", "b"], ["b"]]


def test_a_receipt_is_good_until_the_message_is_received_again():
    source = queue("a")
    (first,) = [message.receipt for message in source.receive(1)]
    clock.tick(seconds=60)
    source.receive(1)
    source.delete(first)
    assert left(source) == ["a"]


def test_a_delayed_message_waits():
    source, handler = Queue("items"), Told()
    source.send("a", delay=900)
    mapping = QueueMapping(source, Function("f", handler))
    assert not mapping.poll()
    start = clock.now()
    settle(mapping)
    assert handler.batches == [["a"]]
    assert clock.now() - start == timedelta(seconds=900)


def test_a_message_is_gone_after_its_retention():
    source, handler = queue("a"), Told()
    clock.tick(days=4)
    settle(QueueMapping(source, Function("f", handler)))
    assert (handler.batches, left(source)) == ([], [])


def test_disorder_and_copies_follow_from_the_seed():
    def taken(seed):
        source, handler = queue("", chance=Random(seed), copies=(1, 5)), Told()
        for number in range(40):
            source.send(str(number))
        settle(QueueMapping(source, Function("f", handler)))
        return [body for batch in handler.batches for body in batch]

    assert taken(1) == taken(1)
    assert taken(1) != taken(2)
    assert set(taken(1)) == {str(n) for n in range(40)}
    assert taken(1) != sorted(taken(1), key=int)
    assert {1, 5} <= {taken(1).count(str(n)) for n in range(40)} <= {1, 2, 3, 4, 5}
