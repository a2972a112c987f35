"""The `items` table: one row for each person and key, which holds the write that won.

The value is kept as its JSON text: DynamoDB's own maps end at 32 levels and its numbers at 38 digits
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html).
"""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, Key

from chalicelib.core import clients, clock, ids, records
from chalicelib.core.dynamo import ConditionFailed, Item, Page, Table, absent
from chalicelib.core.erasing import Erased
from chalicelib.core.errors import Conflict, PreconditionFailed
from chalicelib.core.parallel import in_parallel
from chalicelib.items.model import ItemWrite, as_json, digest, moment_after

if TYPE_CHECKING:
    from boto3.dynamodb.conditions import ConditionBase

ATTEMPTS = 5
ERASED_AT_ONCE = 100
WRITERS = 16
"""Conditional writes at once: DynamoDB answers one in about 5 ms, a small function's CPU signs one in about 0.6."""

_LIVE = Attr("deleted_at").not_exists()


class Items:
    """Items by person and key. Deleted ones stay as tombstones under the same rule of who wins."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, user_id: str, item_key: str) -> Item | None:
        """The item, unless there is none or it is deleted."""
        item = self._table.get({"user_id": user_id, "item_key": item_key})
        return item if item is not None and records.is_live(item) else None

    def page(self, user_id: str, *, limit: int, start: Item | None = None) -> Page:
        """A person's items by key. A page may be short while `next` is set: deleted ones are left out of it."""
        return self._table.query(Key("user_id").eq(user_id), where=_LIVE, limit=limit, start=start)

    def apply(self, write: ItemWrite) -> bool:
        """Store the write if it wins over what is stored: whether it did. The same write again changes nothing."""
        wins = absent("user_id") | (Attr("item_id").ne(write.item_id) & _older(write.at, write.item_id))
        try:
            self._set(write.user_id, write.item_key, write.item_id, write.at, write.item_value, wins)
        except ConditionFailed:
            return False
        return True

    def put(self, user_id: str, item_key: str, value: Any, version: int | None = None) -> Item:
        """Write now, over whatever is stored; with a version, only over that one. Returns the stored item.

        Raises PreconditionFailed where another version is stored, Conflict where others keep writing.
        """
        item_id = ids.new_id()
        stored_at: str | None = None
        for _ in range(ATTEMPTS):
            at = moment_after(stored_at)
            wins = _older(at, item_id)
            wins = wins | absent("user_id") if version is None else wins & _LIVE & Attr("version").eq(version)
            try:
                return self._set(user_id, item_key, item_id, at, value, wins)
            except ConditionFailed as met:
                _check_version(met.item, version)
                stored_at = met.item["at"] if met.item else None
        raise Conflict("the item is being changed by others")

    def delete(self, user_id: str, item_key: str, version: int | None = None) -> bool:
        """Delete an item: False where there is none. Raises PreconditionFailed for another version than `version`."""
        for _ in range(ATTEMPTS):
            stored = self.get(user_id, item_key)
            _check_version(stored, version)
            if stored is None:
                return False
            if self._bury(stored):
                return True
        raise Conflict("the item is being changed by others")

    def erase(self, user_id: str) -> Erased:
        """Delete up to a hundred of a person's items."""
        live = self._table.query_all(Key("user_id").eq(user_id), where=_LIVE, consistent=True)
        found = list(islice(live, ERASED_AT_ONCE))
        buried = in_parallel(self._bury, found, WRITERS)
        return Erased(sum(buried), len(found) < ERASED_AT_ONCE and all(buried))

    def _set(
        self, user_id: str, item_key: str, item_id: str, at: str, value: Any, condition: ConditionBase
    ) -> Item:
        text = as_json(value)
        return self._table.update(
            {"user_id": user_id, "item_key": item_key},
            set={
                "item_id": item_id,
                "at": at,
                "value": text,
                "size": len(text.encode()),
                "sha256": digest(text),
                **_stamps(user_id, item_key),
            },
            first={"created_at": clock.timestamp()},
            add={"version": 1},
            remove=["deleted_at", "expires_at"],
            condition=condition,
        )

    def _bury(self, item: Item) -> bool:
        """Replace an item by its tombstone, which beats every write so far: False where it has changed since."""
        keys = {"user_id": item["user_id"], "item_key": item["item_key"]}
        tombstone = {
            **records.tombstone(item),
            **_stamps(**keys),
            **keys,
            "item_id": ids.new_id(),
            "at": moment_after(item["at"]),
        }
        try:
            self._table.put(tombstone, Attr("version").eq(item["version"]))
        except ConditionFailed:
            return False
        return True


def value_of(item: Item) -> Any:
    """The value of a stored item."""
    return json.loads(item["value"])


def _older(at: str, item_id: str) -> ConditionBase:
    """The condition that what is stored loses against a write at `at` named `item_id`."""
    return Attr("at").lt(at) | (Attr("at").eq(at) & Attr("item_id").lt(item_id))


def _stamps(user_id: str, item_key: str) -> Item:
    return {"schema": records.SCHEMA, **records.change_stamp(key=f"{user_id}#{item_key}")}


def _check_version(stored: Item | None, version: int | None) -> None:
    if version is None:
        return
    if stored is None or not records.is_live(stored) or stored["version"] != version:
        raise PreconditionFailed("If-Match names another version of this item")


@clients.once
def items() -> Items:
    """The stage's items."""
    return Items(clients.table("items"))
