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
    from collections.abc import Mapping

Accepted = defaultdict[context.Context, list[ItemWrite]]
"""Good writes, by whom they are made for."""

_NOBODY = context.Context()


def take_queued_items(event: dict[str, Any]) -> None:
    """Store the items of SQS messages. A bad item parks its message; what is good in it is stored all the same.

    Raises Transient where messages must come again.
    """
    accepted = Accepted(list)
    batch.from_queue(
        "items",
        event,
        lambda message: _collect(message.json(), accepted),
        finish=lambda: _store(accepted),
    )


def take_streamed_items(event: dict[str, Any]) -> None:
    """Store the items of Kinesis records; a record with a bad item is parked by its sequence number.

    Raises Transient where the batch must come again.
    """
    accepted = Accepted(list)
    batch.from_source(
        "aws:kinesis",
        f"stream/{settings().names.of('items')}/",
        event,
        lambda record: _collect(_streamed(record), accepted),
        describe=lambda record: record.get("eventID"),
    )
    _store(accepted)


def put_items(event: Any) -> dict[str, Any]:
    """Store the items of `{"items": [...]}`: `{"accepted": how many, "errors": [{"field", "message"}, …]}`.

    Every accepted item is stored when this returns. Raises Malformed for an event of another shape.
    """
    writes, errors = _checked(event)
    _store({_NOBODY: writes})
    return {"accepted": len(writes), "errors": errors}


def _store(accepted: Mapping[context.Context, list[ItemWrite]]) -> None:
    won = 0
    for on_behalf, writes in accepted.items():
        with context.working_for(**asdict(on_behalf)):
            won += sum(items().apply_all(writes))
    logs.info("items", accepted=sum(map(len, accepted.values())), won=won)


def _collect(document: Any, accepted: Accepted) -> None:
    """Add the document's good items to `accepted`. Raises Invalid naming every fault of the others."""
    on_behalf = _NOBODY
    if isinstance(document, dict) and "items" in document:
        on_behalf = context.told(document)
    else:
        document = {"items": [document]}
    writes, errors = _checked(document)
    accepted[on_behalf] += writes
    if errors:
        raise Invalid(errors)


def _checked(event: Any) -> tuple[list[ItemWrite], list[FieldError]]:
    documents = event.get("items") if isinstance(event, dict) else None
    if not isinstance(documents, list):
        raise Malformed('expected {"items": [...]}')
    return check(documents)


def _streamed(record: dict[str, Any]) -> Any:
    try:
        data = base64.b64decode(record["kinesis"]["data"])
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed("the record's data is not in base64") from error
    return wire.from_json(data, "the record's data")
