"""Item writes onto the `items` queue, in as few messages as may be."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from chalicelib.core import context, wire
from chalicelib.core.aws import clients
from chalicelib.core.aws.packing import SQS_BYTES, batches, message_bytes
from chalicelib.core.errors import Unavailable
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chalicelib.items.model import ItemWrite

MESSAGE_BYTES = 200 * 1024
"""Items share a message up to here; a greater one travels alone."""

ITEMS = 10_000
"""In one message at most: more than fit."""

ROUNDS = 5


def queue_items(writes: Iterable[ItemWrite]) -> None:
    """Have the writes stored by `on_items`, in the name of whoever asks now. Every one is queued when this returns.

    Raises Unavailable where SQS does not take them all: then the same writes may be sent again.
    """
    packs = batches(map(_written, writes), _bytes, limit=MESSAGE_BYTES, most=ITEMS)
    messages = (f'{{"items":[{",".join(pack)}],{_on_behalf()}}}' for pack in packs)
    for batch in batches(messages, message_bytes, limit=SQS_BYTES):
        _send(batch)


def _on_behalf() -> str:
    return wire.to_json(asdict(context.current()))[1:-1]


def _written(write: ItemWrite) -> str:
    return wire.escaped(write.model_dump_json())


def _bytes(item: str) -> int:
    """Of an item in a message, with the comma after it."""
    return len(item.encode()) + 1


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
