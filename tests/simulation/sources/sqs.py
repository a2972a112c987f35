"""A standard SQS queue on the held clock, and Lambda's event source mapping of one."""

from __future__ import annotations

import heapq
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock
from tests.cloudlike import sqs_record
from tests.simulation.sources.lambdas import ALL, Failed, Function, reported

if TYPE_CHECKING:
    from random import Random


@dataclass
class Message:
    """A message, or one of the copies that SQS has of it."""

    id: str
    body: str
    attributes: dict[str, Any]
    sent_at: datetime
    received: int = 0
    receipt: str = ""
    deleted: bool = False


@dataclass
class Queue:
    """A standard queue: at least once, in any order.

    A message that was received is invisible for `visibility`. When it is to be received for more than `max_receives`
    times it goes to `dead_letters` instead, and after `retention` it is gone:
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html

    With `chance` messages come shuffled, and each one `copies` times (from, to), as SQS may do.
    """

    name: str
    visibility: timedelta = timedelta(seconds=30)
    retention: timedelta = timedelta(days=4)
    max_receives: int = 0
    dead_letters: Queue | None = None
    chance: Random | None = None
    copies: tuple[int, int] = (1, 1)
    handed_out: Counter[str] = field(default_factory=Counter)
    """How often each message was received, by its id."""
    _line: list[tuple[datetime, float, int, Message]] = field(default_factory=list)
    _taken: dict[str, Message] = field(default_factory=dict)
    _made: int = 0

    def send(self, body: Any, *, attributes: dict[str, Any] | None = None, delay: float = 0) -> str:
        """Put a message on the queue, and return its id; what is not text becomes JSON."""
        self._made += 1
        text = body if isinstance(body, str) else json.dumps(body)
        message_id = f"{self.name}-{self._made}"
        copies = self.chance.randint(*self.copies) if self.chance else 1
        for _ in range(copies):
            self._queue(Message(message_id, text, attributes or {}, clock.now()), timedelta(seconds=delay))
        return message_id

    def receive(self, limit: int) -> list[Message]:
        """Up to `limit` visible messages."""
        received: list[Message] = []
        while len(received) < limit and self._line and self._line[0][0] <= clock.now():
            message = heapq.heappop(self._line)[-1]
            if message.deleted or clock.now() - message.sent_at >= self.retention:
                message.deleted = True
            elif self.max_receives and message.received >= self.max_receives and self.dead_letters:
                self._taken.pop(message.receipt, None)
                self.dead_letters._take_over(message)
            else:
                self._hand_out(message)
                received.append(message)
        return received

    def delete(self, receipt: str) -> None:
        """Delete what was received under this receipt; one from before the last time it was received does nothing."""
        message = self._taken.pop(receipt, None)
        if message is not None:
            message.deleted = True

    def redrive(self, to: Queue) -> None:
        """Move every message to another queue, as `StartMessageMoveTask` does: they are new there."""
        for message in self.messages:
            message.deleted = True
            to.send(message.body, attributes=message.attributes)

    @property
    def messages(self) -> list[Message]:
        """What it holds, visible or not."""
        return [entry[-1] for entry in sorted(self._line) if not entry[-1].deleted]

    @property
    def bodies(self) -> list[Any]:
        """The JSON of what it holds."""
        return [json.loads(message.body) for message in self.messages]

    @property
    def next_at(self) -> datetime | None:
        """When the next message is visible."""
        while self._line and self._line[0][-1].deleted:
            heapq.heappop(self._line)
        return self._line[0][0] if self._line else None

    def _hand_out(self, message: Message) -> None:
        self._taken.pop(message.receipt, None)
        message.received += 1
        self.handed_out[message.id] += 1
        self._queue(message, self.visibility)
        message.receipt = f"{message.id}#{self._made}"
        self._taken[message.receipt] = message

    def _take_over(self, message: Message) -> None:
        """Hold what another queue gave up on, under its id and since it was first sent."""
        self._queue(Message(message.id, message.body, message.attributes, message.sent_at), timedelta())

    def _queue(self, message: Message, wait: timedelta) -> None:
        self._made += 1
        order = self.chance.random() if self.chance else 0.0
        heapq.heappush(self._line, (clock.now() + wait, order, self._made, message))


@dataclass
class QueueMapping:
    """Lambda polls a queue: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html

    After an error the whole batch becomes visible again when its time is over; after success all of it is deleted.
    With `report_failures` what the function names as failed stays; without, what it answers means nothing.
    """

    queue: Queue
    function: Function
    batch_size: int = 10
    report_failures: bool = False

    def poll(self) -> bool:
        """One batch: whether there was any."""
        messages = self.queue.receive(self.batch_size)
        if not messages:
            return False
        try:
            answer = self.function.invoke({"Records": [self._record(message) for message in messages]})
        except Failed:
            return True
        failed = reported(answer, [message.id for message in messages]) if self.report_failures else set()
        for message in messages:
            if failed is not ALL and message.id not in failed:
                self.queue.delete(message.receipt)
        return True

    @property
    def next_at(self) -> datetime | None:
        return self.queue.next_at

    def _record(self, message: Message) -> dict[str, Any]:
        received = {
            "MessageId": message.id,
            "ReceiptHandle": message.receipt,
            "Body": message.body,
            "Attributes": {
                "ApproximateReceiveCount": str(message.received),
                "SentTimestamp": str(int(message.sent_at.timestamp() * 1000)),
            },
            "MessageAttributes": message.attributes,
        }
        return sqs_record(self.queue.name, received)
