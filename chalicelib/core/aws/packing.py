"""Messages as SQS and SNS take them, and things into as few batches as their count and their size allow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.core import wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Thing = TypeVar("Thing")

MESSAGES = 10
"""Of one batch, with SQS as with SNS."""

SQS_BYTES = 1024 * 1024
"""Of a message and of a batch of them, attributes included:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html"""

SQS_DELAY_SECONDS = 900
"""For which SQS holds a message back, at most:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-delay-queues.html"""

SNS_BYTES = 256 * 1024
"""Of a message and of a batch of them, attributes included: https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html"""


def batches(
    things: Iterable[Thing], size: Callable[[Thing], int], *, limit: int, most: int = MESSAGES
) -> Iterator[list[Thing]]:
    """The things in their order, in batches of at most so many, whose sizes come to `limit` at most, in bytes or
    whatever `size` counts. One that is greater by itself is a batch of its own."""
    batch: list[Thing] = []
    filled = 0
    for thing in things:
        length = size(thing)
        if batch and (len(batch) == most or filled + length > limit):
            yield batch
            batch, filled = [], 0
        batch.append(thing)
        filled += length
    if batch:
        yield batch


def message_attributes(texts: dict[str, str]) -> dict[str, Any]:
    """Texts as the attributes of a message."""
    return {name: {"DataType": "String", "StringValue": wire.text(text)} for name, text in texts.items()}


def message_bytes(body: str, attributes: dict[str, str] | None = None) -> int:
    """What a message counts: its body, and each attribute's name, type (`String`) and value."""
    told = (len(name.encode()) + len("String") + len(value.encode()) for name, value in (attributes or {}).items())
    return len(body.encode()) + sum(told)
