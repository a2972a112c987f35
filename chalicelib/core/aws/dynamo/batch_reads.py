"""Reads many items in few calls:
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from chalicelib.core.aws import backoff, key_limits
from chalicelib.core.aws.dynamo.requests import COUNTED
from chalicelib.core.aws.dynamo.values import from_item, to_item
from chalicelib.core.aws.parallel import in_parallel
from chalicelib.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.core.aws.dynamo.table import Table
    from chalicelib.core.aws.dynamo.values import Item, Key

BATCH_READ_LIMIT = 100
"""The most keys of a call, all different."""

READ_ATTEMPTS = 8
"""The most calls for the same keys, with 2 seconds on average between the first and the last. A hundred items of 400 KB
need three, since a reply has at most 16 MB."""

_Location = tuple[str, tuple[tuple[str, Any], ...]]
"""The table of an item, and its key in a fixed order."""


def batch_get(
    client: Any,
    keys: Sequence[tuple[Table[Any], Key]],
    *,
    consistent: bool,
    workers: int,
    only: Sequence[str],
) -> list[Item | None]:
    """See `Database.batch_get`."""
    locations = [_location(table.name, key) for table, key in keys]
    different = [
        each for each in dict(zip(locations, keys, strict=True)).values() if key_limits.is_possible(each[1])
    ]
    hundreds = [
        different[start : start + BATCH_READ_LIMIT] for start in range(0, len(different), BATCH_READ_LIMIT)
    ]
    read = partial(_read, client, consistent=consistent, only=only)
    parts = in_parallel(read, hundreds, workers) if min(workers, len(hundreds)) > 1 else map(read, hundreds)
    items = {location: item for part in parts for location, item in part.items()}
    return [items.get(location) for location in locations]


def _read(
    client: Any, keys: Sequence[tuple[Table[Any], Key]], *, consistent: bool, only: Sequence[str]
) -> dict[_Location, Item]:
    names = {table.name: sorted(key) for table, key in keys}
    requests: dict[str, Any] = {
        name: {"Keys": [], "ConsistentRead": consistent, **_projection(only)} for name in names
    }
    for table, key in keys:
        requests[table.name]["Keys"].append(from_item(key))
    items: dict[_Location, Item] = {}
    for _ in backoff.rounds(READ_ATTEMPTS):
        reply = client.batch_get_item(RequestItems=requests, **COUNTED)
        for name, typed in reply["Responses"].items():
            rows = [to_item(row) or {} for row in typed]
            items |= {_location(name, {part: row[part] for part in names[name]}): row for row in rows}
        requests = reply.get("UnprocessedKeys") or {}
        if not requests:
            return items
    raise Unavailable("DynamoDB left keys unread")


def _projection(only: Sequence[str]) -> dict[str, Any]:
    """The part of a request that names the attributes to return; nothing, where all are returned."""
    if not only:
        return {}
    names = {f"#{number}": name for number, name in enumerate(only)}
    return {"ProjectionExpression": ",".join(names), "ExpressionAttributeNames": names}


def _location(table: str, key: Key) -> _Location:
    return table, tuple(sorted(key.items()))
