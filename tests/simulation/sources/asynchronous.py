"""Asynchronous invocation, by which SNS, S3, EventBridge and other Lambdas invoke a function."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock
from tests.simulation.sources.lambdas import Failed, Function

if TYPE_CHECKING:
    from random import Random

    from tests.simulation.sources.sqs import Queue

WAITS = (timedelta(minutes=1), timedelta(minutes=2))
"""Between the first two attempts, and between the second and the third."""


@dataclass
class Invocations:
    """Lambda's own queue of a function's events. A failed one is tried `retries` times more, then `on_failure` gets
    it with the reason: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html

    With `chance` events come shuffled, and each `copies` times (from, to): S3, SNS and this queue may all do that.
    """

    function: Function
    retries: int = 2
    on_failure: Queue | None = None
    chance: Random | None = None
    copies: tuple[int, int] = (1, 1)
    _line: list[tuple[datetime, float, int, Any, int]] = field(default_factory=list)
    _made: int = 0

    def send(self, event: Any) -> None:
        """Invoke the function with this event, some time."""
        for _ in range(self.chance.randint(*self.copies) if self.chance else 1):
            self._queue(event, 0, timedelta())

    def poll(self) -> bool:
        """One attempt: whether there was an event to try."""
        if not self._line or self._line[0][0] > clock.now():
            return False
        *_, event, tried = heapq.heappop(self._line)
        try:
            self.function.invoke(event)
        except Failed:
            if tried < self.retries:
                self._queue(event, tried + 1, WAITS[tried])
            elif self.on_failure is not None:
                self.on_failure.send(self._record(event, tried + 1))
        return True

    @property
    def next_at(self) -> datetime | None:
        """When the next attempt is due."""
        return self._line[0][0] if self._line else None

    def _queue(self, event: Any, tried: int, wait: timedelta) -> None:
        self._made += 1
        order = self.chance.random() if self.chance else 0.0
        heapq.heappush(self._line, (clock.now() + wait, order, self._made, event, tried))

    def _record(self, event: Any, attempts: int) -> dict[str, Any]:
        """https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html"""
        return {
            "version": "1.0",
            "timestamp": clock.timestamp(),
            "requestContext": {
                "functionArn": self.function.name,
                "condition": "RetriesExhausted",
                "approximateInvokeCount": attempts,
            },
            "requestPayload": event,
            "responseContext": {"statusCode": 200, "functionError": "Unhandled"},
        }


def notification(topic: str, message: str, *, number: int = 1) -> dict[str, Any]:
    """The event of one SNS message on a topic with this ARN."""
    return {
        "Records": [
            {
                "EventSource": "aws:sns",
                "EventVersion": "1.0",
                "EventSubscriptionArn": f"{topic}:subscription",
                "Sns": {
                    "MessageId": f"sns-{number}",
                    "TopicArn": topic,
                    "Subject": None,
                    "Message": message,
                    "Timestamp": clock.timestamp(),
                    "MessageAttributes": {},
                },
            }
        ]
    }
