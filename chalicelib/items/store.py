"""The `items` table: one row for each person and key, which holds the write that won.

The value is kept as its JSON text: DynamoDB's own maps end at 32 levels and its numbers at 38 digits
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html).
"""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, Key

from chalicelib.core import clock, context, ids
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import (
    ConditionFailed,
    Item,
    Page,
    Table,
    absent,
    unchanged,
)
from chalicelib.core.aws.parallel import WRITERS, in_parallel
from chalicelib.core.erasure import Erased
from chalicelib.core.errors import Conflict, PreconditionFailed
from chalicelib.items.model import ItemWrite, as_json, digest, moment_after, winners

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boto3.dynamodb.conditions import ConditionBase

ATTEMPTS = 5
ERASED_AT_ONCE = 100

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
        """Store the write if it wins over what is stored: whether it did. The same write again changes nothing.

        A try again, for the same request, finds what the first one did: it is told the same.
        """
        wins = absent("user_id") | (Attr("item_id").ne(write.item_id) & _older(write.at, write.item_id))
        try:
            self._store(write, wins)
        except ConditionFailed as met:
            return met.item is not None and _is_stored(write, met.item)
        return True

    def apply_all(self, writes: Sequence[ItemWrite]) -> list[bool]:
        """Store many writes in parallel: of each whether it won. One that loses to another of them costs no call."""
        winning = winners(writes)
        won = {
            id(write): did for write, did in zip(winning, in_parallel(self.apply, winning, WRITERS), strict=True)
        }
        return [won.get(id(write), False) for write in writes]

    def put(
        self, user_id: str, item_key: str, value: Any, version: int | None = None, *, existing: bool = False
    ) -> Item:
        """Write now, over whatever is stored; with a version, only over that one, and with `existing` only over any.
        Returns the stored item.

        Raises PreconditionFailed where another version is stored, or none, Conflict where others keep writing.
        """
        stored = _LIVE if version is None else _LIVE & Attr("version").eq(version)
        item_id = ids.new_id()
        stored_at: str | None = None
        for _ in range(ATTEMPTS):
            write = _own(user_id, item_key, item_id, moment_after(stored_at), value)
            wins = _older(write.at, item_id)
            wins = wins & stored if existing or version is not None else wins | absent("user_id")
            try:
                return self._store(write, wins)
            except ConditionFailed as met:
                _check_version(met.item, version, existing=existing)
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

    def _store(self, write: ItemWrite, condition: ConditionBase) -> Item:
        return self._table.update(
            {"user_id": write.user_id, "item_key": write.item_key},
            set={
                "item_id": write.item_id,
                "at": write.at,
                **(_tombstone() if write.deleted else _content(write.item_value)),
                "schema": records.SCHEMA,
                **records.change_stamp(key=f"{write.user_id}#{write.item_key}"),
            },
            first={"created_at": clock.timestamp()},
            add={"version": 1},
            remove=_CONTENT if write.deleted else _TOMBSTONE,
            condition=condition,
        )

    def _bury(self, item: Item) -> bool:
        """Replace an item by its tombstone, which beats every write so far: False where it has changed since."""
        at = moment_after(item["at"])
        write = _own(item["user_id"], item["item_key"], ids.new_id(), at, None, deleted=True)
        try:
            self._store(write, unchanged(item))
        except ConditionFailed:
            return False
        return True


def value_of(item: Item) -> Any:
    """The value of a stored item."""
    return json.loads(item["value"])


def _older(at: str, item_id: str) -> ConditionBase:
    """The condition that what is stored loses against a write at `at` named `item_id`."""
    return Attr("at").lt(at) | (Attr("at").eq(at) & Attr("item_id").lt(item_id))


_CONTENT = ("value", "size", "sha256")
_TOMBSTONE = ("deleted_at", "expires_at")


def _content(value: Any) -> Item:
    text = as_json(value)
    return {"value": text, "size": len(text.encode()), "sha256": digest(text)}


def _tombstone() -> Item:
    return {"deleted_at": clock.timestamp(), "expires_at": clock.epoch() + records.tombstone_days() * 86400}


def _own(user_id: str, item_key: str, item_id: str, at: str, value: Any, *, deleted: bool = False) -> ItemWrite:
    """A write that is made here and now. Its `at` may lie more than five minutes ahead, just after what is stored."""
    return ItemWrite.model_construct(
        user_id=user_id, item_key=item_key, item_id=item_id, at=at, item_value=value, deleted=deleted
    )


def _is_stored(write: ItemWrite, item: Item) -> bool:
    """Whether this very write is what is stored, by the request in hand."""
    request = context.current().request_id
    return bool(request and item["item_id"] == write.item_id and item["request_id"] == request)


def _check_version(stored: Item | None, version: int | None, *, existing: bool = False) -> None:
    if version is None and not existing:
        return
    if stored is None or not records.is_live(stored) or version not in {None, stored["version"]}:
        raise PreconditionFailed("If-Match names another version of this item")


@clients.once
def items() -> Items:
    """The stage's items."""
    return Items(clients.table("items"))


def apply(write: ItemWrite) -> bool:
    """Store the write if it wins over what is stored: whether it did. The same write again changes nothing."""
    return items().apply(write)


def apply_all(writes: Sequence[ItemWrite]) -> list[bool]:
    """Store many writes in parallel: of each whether it won over what was stored and over the others."""
    return items().apply_all(writes)


def erase(user_id: str) -> Erased:
    """Delete up to a hundred items of a person. Repeatable."""
    return items().erase(user_id)
