"""Writes a batch into the tables that are asked, and into those that a rebuild fills beside them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from chalicelib.core import logs
from chalicelib.core.errors import Unavailable
from chalicelib.read_model.database import BUILDING, LIVE, OLD, Refusal, TooSlow, database
from chalicelib.read_model.migrating import migrate, migrations, version
from chalicelib.read_model.statements import WRITER, erase, write

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chalicelib.read_model.database import Database, Transaction
    from chalicelib.read_model.statements import Rows

SECONDS = 40
"""Of a statement. A batch takes a fraction of a second; it waits for one that creates a partition, or swaps."""

_OF_A_ROW = ("21", "22", "23", "54")
"""Classes of SQLSTATE of a statement that is refused because of a row in it: the same row twice, its data, its
integrity, its size (https://www.postgresql.org/docs/15/errcodes-appendix.html). Any other is of the tables: whoever
runs the database can mend it, and no row is lost meanwhile."""


def up_to_date() -> Database:
    """The stage's read model, with its tables as this version of the app has them: whoever comes first makes them so.
    It is looked at once for each connection. Raises Unavailable where that cannot be."""
    found = database()
    try:
        found.once_connected(_migrate)
    except (Refusal, RuntimeError, TooSlow) as error:
        logs.failure("the read model's tables cannot be made", error)
        raise Unavailable("the read model's tables cannot be made") from error
    return found


def _migrate(database: Database) -> None:
    with database.transaction() as transaction:
        current = version(transaction)
        is_building = BUILDING in schemas(transaction)
    if current < migrations()[-1].number:
        migrate(database)
    if is_building:
        _drop_older(database)


def _drop_older(database: Database) -> None:
    """Drop what a rebuild of an older version of the app fills: it takes no rows of this one, and what is in it already
    lacks what is new. Its job fails by that."""
    with database.transaction(schema=BUILDING, seconds=SECONDS) as transaction:
        transaction.run(WRITER)
        if BUILDING in schemas(transaction) and version(transaction) < migrations()[-1].number:
            transaction.script(f"DROP SCHEMA {BUILDING} CASCADE")
            logs.warning("a rebuild of an older version was given up")


def apply(database: Database, rows: Rows) -> None:
    """Write a batch in one transaction: all of it, or nothing. Raises Unavailable where it may succeed later, Refusal
    where PostgreSQL never takes a row of it."""
    with writing(database) as transaction:
        for schema in schemas(transaction):
            write_to(transaction, schema, rows)
        removed = [row["owner"] for row in rows.tombstones.values() if row["kind"] == "people"]
        if removed and exists(transaction, OLD):
            transaction.enter(OLD)
            erase(transaction, removed)


@contextmanager
def writing(database: Database) -> Iterator[Transaction]:
    """A transaction beside which nobody else writes. Raises what `apply` does."""
    try:
        with database.transaction(seconds=SECONDS) as transaction:
            transaction.run(WRITER)
            yield transaction
    except TooSlow:
        raise Unavailable("the read model's database is too slow now") from None
    except Refusal as refusal:
        if refusal.code.startswith(_OF_A_ROW):
            raise
        database.close()
        raise Unavailable(f"the read model's tables do not take rows now: {refusal.code}") from refusal


def schemas(transaction: Transaction) -> list[str]:
    """The schemas that are written to: while a rebuild fills another one, that too."""
    return [LIVE, BUILDING] if exists(transaction, BUILDING) else [LIVE]


def exists(transaction: Transaction, schema: str) -> bool:
    """Whether there is a schema of this name."""
    return transaction.value("SELECT to_regnamespace(:schema)", schema=schema) is not None


def write_to(transaction: Transaction, schema: str, rows: Rows) -> None:
    """Write a batch into one schema. What follows from other rows is set in the one that is filled only when it has
    the indexes by which they are found. The caller's transaction holds the WRITER's lock."""
    transaction.enter(schema)
    make_partitions(transaction, (row["time"] for row in rows.events.values()))
    derives = schema == LIVE or bool(transaction.value("SELECT derives FROM rebuild_state"))
    write(transaction, rows, derives=derives)


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
