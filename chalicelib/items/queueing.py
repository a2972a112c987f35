"""Item writes onto the `items` queue, in as few messages as may be."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from chalicelib.core import clients, context
from chalicelib.core.errors import Unavailable
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from chalicelib.items.model import ItemWrite

MESSAGE_BYTES = 200 * 1024
"""Items share a message up to here; a greater one travels alone. SQS takes 1 MiB a message and 1 MiB a batch:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html"""

BATCH_BYTES = 1000 * 1024
BATCH_MESSAGES = 10
ROUNDS = 5


def queue_items(writes: Iterable[ItemWrite]) -> None:
    """Have the writes stored by `on_items`, in the name of whoever asks now. Every one is queued when this returns.

    Raises Unavailable where SQS does not take them all: then the same writes may be sent again.
    """
    messages = [f'{{"items":[{items}],{_on_behalf()}}}' for items in _packed(writes)]
    for batch in _batches(messages):
        _send(batch)


def _on_behalf() -> str:
    return json.dumps(asdict(context.current()))[1:-1]


def _packed(writes: Iterable[ItemWrite]) -> Iterator[str]:
    """The writes as JSON, joined by commas into texts of at most `MESSAGE_BYTES`."""
    pack: list[str] = []
    size = 0
    for write in writes:
        text = _sendable(write.model_dump_json())
        length = len(text.encode())
        if pack and size + length > MESSAGE_BYTES:
            yield ",".join(pack)
            pack, size = [], 0
        pack.append(text)
        size += length + 1
    if pack:
        yield ",".join(pack)


def _sendable(text: str) -> str:
    """The same JSON without the two characters of JSON's that SQS refuses:
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html"""
    return text.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")


def _batches(messages: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for message in messages:
        length = len(message.encode())
        if batch and (len(batch) == BATCH_MESSAGES or size + length > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += length
    if batch:
        yield batch


def _send(batch: Sequence[str]) -> None:
    sqs, url = clients.client("sqs"), settings().queue_url("items")
    entries: list[dict[str, Any]] = [
        {"Id": str(position), "MessageBody": message} for position, message in enumerate(batch)
    ]
    for _ in range(ROUNDS):
        answer = sqs.send_message_batch(QueueUrl=url, Entries=entries)
        refused = {failure["Id"] for failure in answer.get("Failed", [])}
        entries = [entry for entry in entries if entry["Id"] in refused]
        if not entries:
            return
    raise Unavailable("the queue did not take every item")
