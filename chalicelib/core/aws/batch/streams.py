"""Records of the stream of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.core.aws.batch.parking import described, park
from chalicelib.core.aws.batch.runs import records_of, report, run
from chalicelib.core.aws.dynamo import Item, to_item
from chalicelib.core.errors import Malformed
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.core.aws.batch.runs import Finish

Result = TypeVar("Result")


@dataclass(frozen=True)
class Change:
    """A DynamoDB stream record: the item before and after, in plain Python."""

    table: str
    """The table's short name, `users`."""
    keys: Item
    old: Item | None
    new: Item | None
    inserted: bool
    """Whether the item is new, which a stream of keys alone shows only by the name of its event."""
    expired: bool
    """Whether DynamoDB's TTL deleted the item."""


def from_stream(
    table: str,
    event: dict[str, Any],
    handle: Callable[[Change], Result],
    finish: Finish[Result] | None = None,
) -> None:
    """Handle the DynamoDB stream records of `event`, in order, from the table of that short name.

    `finish` is that of `from_queue`. Raises Transient where the batch must come again; a record that can never succeed
    is parked by its keys.
    """
    records = records_of(event, "aws:dynamodb", f"table/{settings().names.of(table)}/")
    outcome = run(records, lambda record: handle(_change(table, record)), finish)
    if outcome.again:
        outcome.parked.clear()  # they come again with the batch, and are parked once, when the rest is done
    for record, why in outcome.parked:
        park(f"stream:{table}", described(_keys_of, record), why)
    report(f"stream:{table}", outcome)


def _change(table: str, record: dict[str, Any]) -> Change:
    data = record.get("dynamodb", {})
    keys = to_item(data.get("Keys"))
    if not keys:
        raise Malformed("a stream record without keys")
    return Change(
        table=table,
        keys=keys,
        old=to_item(data.get("OldImage")),
        new=to_item(data.get("NewImage")),
        inserted=record.get("eventName") == "INSERT",
        expired=(record.get("userIdentity") or {}).get("principalId") == "dynamodb.amazonaws.com",
    )


def _keys_of(record: dict[str, Any]) -> Any:
    return {"keys": record["dynamodb"].get("Keys"), "event": record.get("eventName")}
