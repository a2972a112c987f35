"""The `items` table: one row for each person and key, which holds the write that won.

The value is kept as its JSON text: DynamoDB's own maps end at 32 levels and its numbers at 38 digits
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html).
"""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from chalicelib.core import clock, context, ids
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import (
    ConditionFailed,
    ResultPage,
    Table,
    absent,
    unchanged,
)
from chalicelib.core.aws.dynamo.conditions import Attr, Key
from chalicelib.core.aws.optimistic import ATTEMPTS
from chalicelib.core.aws.pace import Pace
from chalicelib.core.aws.parallel import WRITERS, in_parallel
from chalicelib.core.erasure import Erased
from chalicelib.core.errors import Conflict, PreconditionFailed
from chalicelib.items.model import ItemWrite, as_json, digest, moment_after, winners

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chalicelib.core.aws.dynamo import Item
    from chalicelib.core.aws.dynamo import Key as DynamoKey
    from chalicelib.core.aws.dynamo.conditions import Condition
    from chalicelib.items.rows import ItemRow

ERASED_AT_ONCE = 100
PATIENCE_SECONDS = 30
"""How long many writes are tried again while AWS throttles them: a quarter of the time of the functions that make
them, since a batch of messages may be on behalf of several callers, whose writes follow each other."""
RESULT_PAGE = 1000
"""Rows that are read in one call where all are wanted."""

_LIVE = Attr("deleted_at").not_exists()


class Items:
    """Items by person and key. Deleted ones stay as tombstones under the same rule of who wins."""

    def __init__(self, table: Table[ItemRow]) -> None:
        self._table = table

    def get(self, user_id: str, item_key: str) -> ItemRow | None:
        """The item, unless there is none or it is deleted."""
        row = self._table.get({"user_id": user_id, "item_key": item_key})
        return row if row is not None and records.is_live(row) else None

    def listing(self, user_id: str, *, limit: int, start: DynamoKey | None = None) -> ResultPage[ItemRow]:
        """A person's items by key. It may hold fewer than `limit` while `next` is set, as deleted ones are left
        out."""
        return self._table.query(Key("user_id").eq(user_id), where=_LIVE, limit=limit, start=start)

    def all_of(self, user_id: str) -> Iterator[ItemRow]:
        """All items of a person, by key."""
        return self._table.query_all(Key("user_id").eq(user_id), where=_LIVE, limit=RESULT_PAGE)

    def apply(self, write: ItemWrite) -> bool:
        """Store the write if it wins over what is stored, and return whether it did. The same write again changes
        nothing.

        When the same request makes the same write again, the answer is what it was the first time.
        """
        condition = absent("user_id") | (Attr("item_id").ne(write.item_id) & _older(write.at, write.item_id))
        try:
            self._store(write, condition)
        except ConditionFailed as conflict:
            return conflict.item is not None and _is_stored(write, cast("ItemRow", conflict.item))
        return True

    def apply_all(self, writes: Sequence[ItemWrite]) -> list[bool]:
        """Store many writes in parallel, and return of each whether it won. A write that loses to another of them
        costs no call."""
        winning = winners(writes)
        stored = _pace().in_parallel(self.apply, winning, WRITERS, PATIENCE_SECONDS)
        won = {id(write): did for write, did in zip(winning, stored, strict=True)}
        return [won.get(id(write), False) for write in writes]

    def put(
        self, user_id: str, item_key: str, value: Any, version: int | None = None, *, existing: bool = False
    ) -> ItemRow:
        """Write a value now, and return the row. With `version`, an item of that version must be stored; with
        `existing`, an item of any version.

        Raises PreconditionFailed where another version is stored, or none, Conflict where others keep writing.
        """
        expected = _LIVE if version is None else _LIVE & Attr("version").eq(version)
        item_id = ids.new_id()
        stored_at: str | None = None
        for _ in range(ATTEMPTS):
            write = _unvalidated_write(user_id, item_key, item_id, moment_after(stored_at), value)
            condition = _older(write.at, item_id)
            condition = condition & expected if existing or version is not None else condition | absent("user_id")
            try:
                return self._store(write, condition)
            except ConditionFailed as conflict:
                stored = cast("ItemRow | None", conflict.item)
                _check_version(stored, version, existing=existing)
                stored_at = stored["at"] if stored else None
        raise Conflict("the item is being changed by others")

    def delete(self, user_id: str, item_key: str, version: int | None = None) -> bool:
        """Delete an item, and return whether there was one. Raises PreconditionFailed where its version is not
        `version`, Conflict where others keep writing."""
        for _ in range(ATTEMPTS):
            row = self.get(user_id, item_key)
            _check_version(row, version)
            if row is None:
                return False
            if self._leave_tombstone(row):
                return True
        raise Conflict("the item is being changed by others")

    def erase(self, user_id: str) -> Erased:
        """Delete up to a hundred of a person's items, and leave their tombstones."""
        every_live_row = self._table.query_all(Key("user_id").eq(user_id), where=_LIVE, consistent=True)
        live_rows = list(islice(every_live_row, ERASED_AT_ONCE))
        deleted = in_parallel(self._leave_tombstone, live_rows, WRITERS)
        return Erased(sum(deleted), len(live_rows) < ERASED_AT_ONCE and all(deleted))

    def _store(self, write: ItemWrite, condition: Condition) -> ItemRow:
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

    def _leave_tombstone(self, row: ItemRow) -> bool:
        """Replace an item by its tombstone, which wins over every write so far. Returns False where the item has
        changed since it was read."""
        at = moment_after(row["at"])
        write = _unvalidated_write(row["user_id"], row["item_key"], ids.new_id(), at, None, deleted=True)
        try:
            self._store(write, unchanged(row))
        except ConditionFailed:
            return False
        return True


@clients.once
def _pace() -> Pace:
    """The pace of all writes of many items by this process."""
    return Pace()


def value_of(row: Mapping[str, Any]) -> Any:
    """The value of a stored item that is not deleted."""
    return json.loads(row["value"])


def _older(at: str, item_id: str) -> Condition:
    """The condition that what is stored loses against a write at `at` named `item_id`."""
    return Attr("at").lt(at) | (Attr("at").eq(at) & Attr("item_id").lt(item_id))


_CONTENT = ("value", "size", "sha256")
_TOMBSTONE = ("deleted_at", "expires_at")


def _content(value: Any) -> Item:
    text = as_json(value)
    return {"value": text, "size": len(text.encode()), "sha256": digest(text)}


def _tombstone() -> Item:
    return {"deleted_at": clock.timestamp(), "expires_at": clock.epoch() + records.tombstone_days() * 86400}


def _unvalidated_write(
    user_id: str, item_key: str, item_id: str, at: str, value: Any, *, deleted: bool = False
) -> ItemWrite:
    """A write by this process, which is not validated: its `at` may lie more than five minutes ahead, just after what
    is stored."""
    return ItemWrite.model_construct(
        user_id=user_id, item_key=item_key, item_id=item_id, at=at, item_value=value, deleted=deleted
    )


def _is_stored(write: ItemWrite, row: ItemRow) -> bool:
    """Whether what is stored is this very write, made for the current request."""
    request_id = context.current().request_id
    return bool(request_id and row["item_id"] == write.item_id and row["request_id"] == request_id)


def _check_version(row: ItemRow | None, version: int | None, *, existing: bool = False) -> None:
    if version is None and not existing:
        return
    if row is None or not records.is_live(row) or version not in {None, row["version"]}:
        raise PreconditionFailed("If-Match names another version of this item")


@clients.once
def items() -> Items:
    """The stage's items."""
    return Items(clients.table("items"))


def apply(write: ItemWrite) -> bool:
    """Store the write if it wins over what is stored, and return whether it did. The same write again changes
    nothing."""
    return items().apply(write)


def apply_all(writes: Sequence[ItemWrite]) -> list[bool]:
    """Store many writes in parallel, and return of each whether it won over what was stored and over the others."""
    return items().apply_all(writes)


def erase(user_id: str) -> Erased:
    """Delete up to a hundred items of a person. Call it again until `done`."""
    return items().erase(user_id)
