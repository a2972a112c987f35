"""Simulated invocations hold to what AWS documents of asynchronous invocation, and of what SNS and S3 promise.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
"""

from __future__ import annotations

from random import Random

import pytest

from chalicelib.core import clock
from tests.simulation.sources import Function, Invocations, Queue, notification, settle

pytestmark = pytest.mark.usefixtures("held_clock")


class Invoked:
    """A handler that fails the first times, and keeps when it was invoked with what."""

    def __init__(self, failures=0):
        self.start = clock.now()
        self.failures = failures
        self.calls = []

    def __call__(self, event, context):
        self.calls.append((event, (clock.now() - self.start).total_seconds()))
        if len(self.calls) <= self.failures:
            raise RuntimeError("on purpose")


def test_a_failed_invocation_is_tried_twice_more_after_one_minute_and_after_two():
    handler, told = Invoked(failures=2), Queue("invocations-dlq")
    source = Invocations(Function("f", handler), on_failure=told)
    source.send({"n": 1})
    settle(source)
    assert handler.calls == [({"n": 1}, 0), ({"n": 1}, 60), ({"n": 1}, 180)]
    assert told.bodies == []


def test_the_third_failure_hands_the_event_to_the_on_failure_destination():
    handler, told = Invoked(failures=3), Queue("invocations-dlq")
    source = Invocations(Function("f", handler), on_failure=told)
    source.send({"n": 1})
    settle(source)
    (record,) = told.bodies
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 3
    assert record["requestPayload"] == {"n": 1}
    assert len(handler.calls) == 3


def test_an_event_that_waits_holds_up_no_other():
    handler = Invoked(failures=1)
    source = Invocations(Function("f", handler))
    source.send({"n": 1})
    source.send({"n": 2})
    settle(source)
    assert [event["n"] for event, _ in handler.calls] == [1, 2, 1]


def test_events_may_come_twice_and_in_any_order():
    handler = Invoked()
    source = Invocations(Function("f", handler), chance=Random(3), copies=(1, 3))
    for n in range(20):
        source.send({"n": n})
    settle(source)
    numbers = [event["n"] for event, _ in handler.calls]
    assert set(numbers) == set(range(20))
    assert len(numbers) > 20
    assert numbers != sorted(numbers)


def test_a_notification_has_a_subject_that_is_null():
    """SNS sends null where none was published; the local cloud leaves it out."""
    (record,) = notification("arn:aws:sns:eu-central-1:1:t", "hello")["Records"]
    assert record["Sns"]["Message"] == "hello"
    assert record["Sns"]["Subject"] is None
