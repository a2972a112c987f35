"""Item writes that arrive otherwise than through `/me/items`: by queue, by Kinesis, by direct invocation.

A queue message or Kinesis record is one item, or `{"items": [...]}`, to which our own routes add the `request_id`,
the `actor` on whose behalf the writes are made, and the `traceparent`.
"""

from __future__ import annotations

import base64
from collections import defaultdict
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from chalicelib.core import context, logs, wire
from chalicelib.core.aws import batch
from chalicelib.core.errors import FieldError, Invalid, Malformed
from chalicelib.core.settings import settings
from chalicelib.items.model import ItemWrite
from chalicelib.items.store import items
from chalicelib.items.validation import check

if TYPE_CHECKING:
    from collections.abc import Sequence

Accepted = tuple[context.Context, list[ItemWrite]]
"""On whose behalf, and the writes that are valid."""

_NO_CONTEXT = context.Context()


def take_queued_items(event: dict[str, Any]) -> None:
    """Store the items of SQS messages. A bad item parks its message; the good items of the message are stored.

    Raises Transient where messages must come again.
    """
    batch.from_queue("items", event, lambda message: _collect(message.json()), _store)


def take_streamed_items(event: dict[str, Any]) -> None:
    """Store the items of Kinesis records; a record with a bad item is parked by its sequence number.

    Raises Transient where the batch must come again.
    """
    batch.from_source(
        "aws:kinesis",
        f"stream/{settings().names.of('items')}/",
        event,
        lambda record: _collect(_kinesis_document(record)),
        describe=lambda record: record.get("eventID"),
        finish=_store,
    )


def put_items(event: Any) -> dict[str, Any]:
    """Store the items of `{"items": [...]}`, and return `{"accepted": how many, "errors": [{"field", "message"}, …]}`.

    Every accepted item is stored when this returns. Raises Malformed for an event of another shape.
    """
    writes, errors = _checked(event)
    _store([(_NO_CONTEXT, writes)])
    return {"accepted": len(writes), "errors": errors}


def _store(accepted: Sequence[Accepted]) -> None:
    """Store writes, those on behalf of the same caller together."""
    together = defaultdict[context.Context, list[ItemWrite]](list)
    for on_behalf, writes in accepted:
        together[on_behalf] += writes
    won = 0
    for on_behalf, writes in together.items():
        with context.working_for(**asdict(on_behalf)):
            won += sum(items().apply_all(writes))
    logs.info("items", accepted=sum(map(len, together.values())), won=won)


def _collect(document: Any) -> Accepted:
    """The item writes of a document. Where some are bad, the good ones are stored here, and Invalid is raised, which
    names every fault of the bad ones."""
    on_behalf = _NO_CONTEXT
    if isinstance(document, dict) and "items" in document:
        on_behalf = context.from_document(document)
    else:
        document = {"items": [document]}
    writes, errors = _checked(document)
    if errors:
        _store([(on_behalf, writes)])
        raise Invalid(errors)
    return on_behalf, writes


def _checked(event: Any) -> tuple[list[ItemWrite], list[FieldError]]:
    documents = event.get("items") if isinstance(event, dict) else None
    if not isinstance(documents, list):
        raise Malformed('expected {"items": [...]}')
    return check(documents)


def _kinesis_document(record: dict[str, Any]) -> Any:
    try:
        data = base64.b64decode(record["kinesis"]["data"])
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed("the record's data is not in base64") from error
    return wire.from_json(data, "the record's data")
