"""Many items in few calls: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""

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
"""Keys in a call, all different."""

ROUNDS = 8
"""Calls for the same keys, with 2 seconds between the first and the last on average. A hundred items of 400 KB need
three, since an answer holds 16 MB."""

_Place = tuple[str, tuple[tuple[str, Any], ...]]
"""Where an item is: its table, and its key in one order."""


def batch_get(
    client: Any, wanted: Sequence[tuple[Table[Any], Key]], *, consistent: bool, workers: int
) -> list[Item | None]:
    """See `Database.batch_get`."""
    places = [_place(table.name, key) for table, key in wanted]
    different = [
        each for each in dict(zip(places, wanted, strict=True)).values() if key_limits.is_possible(each[1])
    ]
    hundreds = [
        different[start : start + BATCH_READ_LIMIT] for start in range(0, len(different), BATCH_READ_LIMIT)
    ]
    read = partial(_read, client, consistent=consistent)
    parts = in_parallel(read, hundreds, workers) if min(workers, len(hundreds)) > 1 else map(read, hundreds)
    found = {place: item for part in parts for place, item in part.items()}
    return [found.get(place) for place in places]


def _read(client: Any, some: Sequence[tuple[Table[Any], Key]], *, consistent: bool) -> dict[_Place, Item]:
    names = {table.name: sorted(key) for table, key in some}
    wanted: dict[str, Any] = {name: {"Keys": [], "ConsistentRead": consistent} for name in names}
    for table, key in some:
        wanted[table.name]["Keys"].append(from_item(key))
    found: dict[_Place, Item] = {}
    for _ in backoff.rounds(ROUNDS):
        answer = client.batch_get_item(RequestItems=wanted, **COUNTED)
        for name, typed in answer["Responses"].items():
            items = [to_item(item) or {} for item in typed]
            found |= {_place(name, {part: item[part] for part in names[name]}): item for item in items}
        wanted = answer.get("UnprocessedKeys") or {}
        if not wanted:
            return found
    raise Unavailable("DynamoDB left keys unread")


def _place(table: str, key: Key) -> _Place:
    return table, tuple(sorted(key.items()))
