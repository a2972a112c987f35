"""Puts item writes on the queue `items`, in as few messages as possible."""

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
"""Items share a message up to this size; a larger item has a message of its own."""

ITEMS = 10_000
"""At most in one message: no limit in practice, as fewer fit into its bytes."""

SEND_ATTEMPTS = 5


def queue_items(writes: Iterable[ItemWrite]) -> None:
    """Queue the writes for the handler `on_items`, on behalf of the current caller. All are queued when this returns.

    Raises Unavailable where SQS does not take them all; the same writes may then be queued again.
    """
    packs = batches(map(_as_json, writes), _item_bytes, limit=MESSAGE_BYTES, most=ITEMS)
    messages = (f'{{"items":[{",".join(pack)}],{_on_behalf()}}}' for pack in packs)
    for batch in batches(messages, message_bytes, limit=SQS_BYTES):
        _send(batch)


def _on_behalf() -> str:
    return wire.to_json(asdict(context.current()))[1:-1]


def _as_json(write: ItemWrite) -> str:
    return wire.escaped(write.model_dump_json())


def _item_bytes(item: str) -> int:
    """The bytes of an item in a message, with the comma after it."""
    return len(item.encode()) + 1


def _send(batch: Sequence[str]) -> None:
    sqs, url = clients.client("sqs"), settings().queue_url("items")
    entries: list[dict[str, Any]] = [
        {"Id": str(position), "MessageBody": message} for position, message in enumerate(batch)
    ]
    for _ in range(SEND_ATTEMPTS):
        reply = sqs.send_message_batch(QueueUrl=url, Entries=entries)
        refused = {failure["Id"] for failure in reply.get("Failed", [])}
        entries = [entry for entry in entries if entry["Id"] in refused]
        if not entries:
            return
    raise Unavailable("the queue did not take every item")
