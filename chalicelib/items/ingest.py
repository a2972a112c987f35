"""Item writes that arrive otherwise than through `/me/items`: by queue, by Kinesis, by direct invocation.

A queue message or Kinesis record is one item, or `{"items": [...]}`, to which our own routes add the `request_id`,
the `actor` on whose behalf the writes are made, and the `traceparent`.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from chalicelib.core import batch, context, logs
from chalicelib.core.errors import FieldError, Invalid, Malformed
from chalicelib.core.http import invalid
from chalicelib.core.parallel import in_parallel
from chalicelib.core.settings import settings
from chalicelib.items.model import ItemWrite
from chalicelib.items.store import WRITERS, items

if TYPE_CHECKING:
    from collections.abc import Sequence


class Accepted(NamedTuple):
    """A valid write, and for whom it is made."""

    write: ItemWrite
    on_behalf: context.Context


_NOBODY = context.Context()


def take_queued_items(event: dict[str, Any]) -> None:
    """Store the items of SQS messages. A bad item parks its message; what is good in it is stored all the same.

    Raises Transient where messages must come again.
    """
    accepted: list[Accepted] = []
    batch.from_queue(
        "items",
        event,
        lambda message: _collect(message.json(), accepted),
        finish=lambda: store(accepted),
    )


def take_streamed_items(event: dict[str, Any]) -> None:
    """Store the items of Kinesis records; a record with a bad item is parked by its sequence number.

    Raises Transient where the batch must come again.
    """
    accepted: list[Accepted] = []
    batch.from_source(
        "aws:kinesis",
        f"stream/{settings().names.of('items')}/",
        event,
        lambda record: _collect(_streamed(record), accepted),
        describe=lambda record: record.get("eventID"),
    )
    store(accepted)


def put_items(event: Any) -> dict[str, Any]:
    """Store the items of `{"items": [...]}`: `{"accepted": how many, "errors": [{"field", "message"}, …]}`.

    Every accepted item is stored when this returns. Raises Malformed for an event of another shape.
    """
    accepted: list[Accepted] = []
    errors = _sort_out(_documents(event), accepted, _NOBODY)
    store(accepted)
    return {"accepted": len(accepted), "errors": errors}


def store(accepted: Sequence[Accepted]) -> None:
    """Store writes in parallel, in any order: the rule of who wins makes it no matter."""

    def write(one: Accepted) -> bool:
        with context.working_for(**asdict(one.on_behalf)):
            return items().apply(one.write)

    stored = in_parallel(write, accepted, WRITERS)
    logs.info("items", stored=sum(stored), superseded=len(stored) - sum(stored))


def _collect(document: Any, accepted: list[Accepted]) -> None:
    """Add the document's good items to `accepted`. Raises Invalid naming every fault of the others."""
    on_behalf = _NOBODY
    if isinstance(document, dict) and "items" in document:
        names = ("request_id", "actor", "traceparent")
        on_behalf = context.Context(*(str(document.get(name, "")) for name in names))
    else:
        document = {"items": [document]}
    errors = _sort_out(_documents(document), accepted, on_behalf)
    if errors:
        raise Invalid(errors)


def _documents(event: Any) -> list[Any]:
    documents = event.get("items") if isinstance(event, dict) else None
    if not isinstance(documents, list):
        raise Malformed('expected {"items": [...]}')
    return documents


def _sort_out(documents: list[Any], accepted: list[Accepted], on_behalf: context.Context) -> list[FieldError]:
    """Validate each document on its own: the good ones join `accepted`, the others' faults are returned."""
    errors: list[FieldError] = []
    for position, document in enumerate(documents):
        try:
            accepted.append(Accepted(ItemWrite.model_validate(document), on_behalf))
        except ValidationError as error:
            errors += [
                FieldError(field=f"items.{position}.{found['field']}", message=found["message"])
                for found in invalid(error).errors
            ]
    return errors


def _streamed(record: dict[str, Any]) -> Any:
    try:
        return json.loads(base64.b64decode(record["kinesis"]["data"]))
    except (KeyError, ValueError, RecursionError) as error:
        raise Malformed("the record's data is not JSON in base64") from error
