"""Packs values into as few batches as their count and size allow, and computes the size of messages of SQS and SNS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.core import wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Value = TypeVar("Value")

MESSAGES = 10
"""The most messages of a batch, of SQS and of SNS."""

SQS_BYTES = 1024 * 1024
"""The most bytes of a message, and of a batch of them, with their attributes:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html"""

SQS_DELAY_SECONDS = 900
"""The longest delay of a message of SQS:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-delay-queues.html"""

SNS_BYTES = 256 * 1024
"""The most bytes of a message, and of a batch of them, with their attributes:
https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html"""


def batches(
    values: Iterable[Value], size: Callable[[Value], int], *, limit: int, most: int = MESSAGES
) -> Iterator[list[Value]]:
    """The things in their order, in batches of at most so many, whose sizes come to `limit` at most, in bytes or
    whatever `size` counts. One that is greater by itself is a batch of its own."""
    batch: list[Value] = []
    filled = 0
    for value in values:
        length = size(value)
        if batch and (len(batch) == most or filled + length > limit):
            yield batch
            batch, filled = [], 0
        batch.append(value)
        filled += length
    if batch:
        yield batch


def message_attributes(texts: dict[str, str]) -> dict[str, Any]:
    """The attributes of a message, from texts."""
    return {name: {"DataType": "String", "StringValue": wire.text(text)} for name, text in texts.items()}


def message_bytes(body: str, attributes: dict[str, str] | None = None) -> int:
    """The size of a message: its body, and each attribute's name, type (`String`) and value."""
    attribute_sizes = (
        len(name.encode()) + len("String") + len(text.encode()) for name, text in (attributes or {}).items()
    )
    return len(body.encode()) + sum(attribute_sizes)
