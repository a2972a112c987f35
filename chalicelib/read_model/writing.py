"""Writes a batch into the tables that are asked, and into those that a rebuild fills beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.read_model.database import BUILDING, LIVE
from chalicelib.read_model.statements import WRITER, write

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chalicelib.read_model.database import Database, Transaction
    from chalicelib.read_model.statements import Rows

SECONDS = 60
"""Of a statement. A batch takes a fraction of a second; it waits for one that creates a partition, or swaps."""


def apply(database: Database, rows: Rows) -> None:
    """Write a batch in one transaction: all of it, or nothing. Raises Unavailable where it may succeed later, Refusal
    where PostgreSQL never takes a row of it."""
    with database.transaction(seconds=SECONDS) as transaction:
        transaction.run(WRITER)
        for schema in schemas(transaction):
            transaction.run(f"SET LOCAL search_path = {schema}, public")
            make_partitions(transaction, (row["time"] for row in rows.events.values()))
            write(transaction, rows)


def schemas(transaction: Transaction) -> list[str]:
    """The schemas that are written to: while a rebuild fills another one, that too."""
    building = transaction.value("SELECT to_regnamespace(:schema)", schema=BUILDING) is not None
    return [LIVE, BUILDING] if building else [LIVE]


def make_partitions(transaction: Transaction, times: Iterable[str]) -> None:
    """Make the partitions of `events` for the months of these timestamps, as far as they are missing."""
    months = sorted({time[:7] for time in times})
    if not months:
        return
    missing = transaction.run(
        "SELECT month FROM unnest(CAST(:months AS text[])) AS month"
        " WHERE to_regclass('events_' || replace(month, '-', '_')) IS NULL",
        months=months,
    )
    for name, first, after in map(_partition, (str(month) for (month,) in missing)):
        transaction.script(f"CREATE TABLE {name} PARTITION OF events FOR VALUES FROM ('{first}') TO ('{after}')")


def partitions(transaction: Transaction) -> Iterator[tuple[str, str]]:
    """The partitions of `events`, oldest first: the name, and the month as `2026-03`."""
    for (name,) in transaction.run(
        "SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = CAST('events' AS regclass) ORDER BY 1"
    ):
        yield name, name.removeprefix("events_").replace("_", "-")


def _partition(month: str) -> tuple[str, str, str]:
    """The name of a month's partition, its first day and the first one after it."""
    year, number = int(month[:4]), int(month[5:7])
    after = f"{year + 1:04}-01-01" if number == 12 else f"{year:04}-{number + 1:02}-01"
    return f"events_{year:04}_{number:02}", f"{year:04}-{number:02}-01 00:00+00", f"{after} 00:00+00"
