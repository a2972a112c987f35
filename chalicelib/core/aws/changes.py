"""The changes of a table by time, from the index that every streamed table has: by hour, spread over a few shards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.core.aws import clients
from chalicelib.core.aws.dynamo.conditions import Key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.core.aws.dynamo import Item, ResultPage, Table

READERS = 8
"""How many reads of a hundred rows run at once. Each takes 10 to 20 ms, most of which is waiting."""


@dataclass(frozen=True)
class Changes:
    """The changes of one table. The package that owns the table provides them to the sweep."""

    table: Table[Any]
    keys: tuple[str, ...]
    """The names of the attributes that are a record's key."""

    def between(
        self, after: str, end: str, shard: str, *, limit: int, start: Item | None = None
    ) -> ResultPage[Any]:
        """The keys and versions of the rows that changed between two timestamps of the same hour, in one shard."""
        in_hour = Key("changed_hour").eq(f"{after[:13]}#{shard}") & Key("updated_at").between(after, end)
        return self.table.query(in_hour, index="changes-index", limit=limit, start=start)

    def records(self, rows: Sequence[Item], *, workers: int = READERS) -> list[Item | None]:
        """The records of these rows as they are now, read consistently."""
        keys = [(self.table, {name: row[name] for name in self.keys}) for row in rows]
        return clients.database().batch_get(keys, workers=workers)
