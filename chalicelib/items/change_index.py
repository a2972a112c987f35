"""The index of the changes of items, for the sweep, and all items, for the read model. It stands apart from the store,
so that neither loads the models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.aws import clients
from chalicelib.core.aws.changes import Changes

if TYPE_CHECKING:
    from chalicelib.core.aws.dynamo import Key, ResultPage, Table
    from chalicelib.items.rows import ItemRow


def changes() -> Changes:
    """The changes of items, by their hour."""
    return Changes(clients.table("items"), ("user_id", "item_key"))


def scanned(start: Key | None = None) -> ResultPage[ItemRow]:
    """A result page of the whole table, items and tombstones, from the key on at which the one before ended."""
    items: Table[ItemRow] = clients.table("items")
    return items.scan(start)
