"""Looks into a dead-letter queue without taking anything away.

SQS lists no messages: each is received, is hidden from other receivers for as long as that takes, and becomes visible
again.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.core.errors import Unavailable
from chalicelib.core.settings import settings
from chalicelib.operations.dead_letter import DeadLetter, read

if TYPE_CHECKING:
    from collections.abc import Iterator

AT_ONCE = 10
"""The most messages that SQS sends or takes in one call."""

EMPTY_RECEIVES = 2
"""Empty answers in a row after which a queue counts as empty. SQS may answer with no message although it has some; a
longer wait makes that rarer:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html"""

COUNTS = {"waiting": "", "in_flight": "NotVisible", "delayed": "Delayed"}


def counts(queue: str) -> dict[str, int]:
    """About how many messages a queue holds, by its short name: `waiting`, `in_flight` (hidden), `delayed`."""
    names = {count: f"ApproximateNumberOfMessages{state}" for count, state in COUNTS.items()}
    attributes = clients.client("sqs").get_queue_attributes(
        QueueUrl=settings().queue_url(queue), AttributeNames=list(names.values())
    )["Attributes"]
    return {count: int(attributes.get(name, 0)) for count, name in names.items()}


def count(queue: str) -> int:
    """About how many messages a queue holds, in whatever state."""
    return sum(counts(queue).values())


class Held:
    """Messages of a queue that are hidden from others."""

    def __init__(self, queue: str, seconds: int) -> None:
        self._queue = queue
        self._seconds = seconds
        self._letters: dict[str, DeadLetter] = {}

    def receive(self, most: int, until: float) -> Iterator[list[DeadLetter]]:
        """Receive up to `most` messages, ten at a time, until the queue is empty or the time `until` (of
        `clock.running`) has come."""
        empty, received = 0, 0
        while received < most and empty < EMPTY_RECEIVES and clock.running() < until:
            answer = clients.client("sqs").receive_message(
                QueueUrl=settings().queue_url(self._queue),
                MaxNumberOfMessages=min(AT_ONCE, most - received),
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
                VisibilityTimeout=self._seconds,
                WaitTimeSeconds=0 if empty else 1,
            )
            letters = [read(self._queue, message) for message in answer.get("Messages", [])]
            self._letters |= {letter.id: letter for letter in letters}
            received += len(letters)
            empty = 0 if letters else empty + 1
            if letters:
                yield letters

    def delete(self, letters: list[DeadLetter]) -> None:
        """Take up to ten messages out of the queue for good. Raises Unavailable where SQS does not."""
        if not letters:
            return
        url = settings().queue_url(self._queue)
        entries = [{"Id": str(n), "ReceiptHandle": letter.receipt} for n, letter in enumerate(letters)]
        if clients.client("sqs").delete_message_batch(QueueUrl=url, Entries=entries).get("Failed"):
            raise Unavailable("SQS did not delete a message that was tried again: it is there still")
        for letter in letters:
            del self._letters[letter.id]

    def show_again(self) -> None:
        """Make what is still in the queue visible again."""
        receipts = [letter.receipt for letter in self._letters.values()]
        for start in range(0, len(receipts), AT_ONCE):
            entries: list[dict[str, Any]] = [
                {"Id": str(position), "ReceiptHandle": receipt, "VisibilityTimeout": 0}
                for position, receipt in enumerate(receipts[start : start + AT_ONCE])
            ]
            clients.client("sqs").change_message_visibility_batch(
                QueueUrl=settings().queue_url(self._queue), Entries=entries
            )


@contextmanager
def holding(queue: str, *, seconds: int) -> Iterator[Held]:
    """Hold messages of the queue of that short name. They are hidden from other receivers while the block runs, and for
    `seconds` at most. What is still in the queue after the block becomes visible again."""
    held = Held(queue, seconds)
    try:
        yield held
    finally:
        held.show_again()
