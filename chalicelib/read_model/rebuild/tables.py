"""The tables that are made anew: a schema beside the one that is asked, under a name by which nobody finds it yet, then
under the one by which the consumer writes to it too, and in the end in the other's place.

Who reads is undisturbed by the swap: it renames two schemas, which waits for no reader and lets none wait. Whatever a
statement has begun to read it reads to its end, and the next one finds the new tables, which are whole. Only then the
old ones are dropped, by a transaction that gives up at once where somebody still reads them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.errors import Conflict
from chalicelib.read_model.database import BUILDING, LIVE, OLD
from chalicelib.read_model.migrating import migrate
from chalicelib.read_model.rebuild import dependents
from chalicelib.read_model.statements import WRITER
from chalicelib.read_model.views import VIEWS, count
from chalicelib.read_model.writing import exists

if TYPE_CHECKING:
    from chalicelib.read_model.database import Database, Transaction

NEW = "rollcall_new"
"""The schema before the consumer writes to it."""

SECONDS = 240
"""Of a statement, within the function's 300. PostgreSQL makes an index of a million rows in a fraction of it."""

LOCK_SECONDS = 2
"""How long a statement waits for others that use what it changes. They have its place in the queue meanwhile."""


def prepare(database: Database, job_id: str) -> dict[str, int]:
    """Make empty tables without their further indexes, and have the consumer write to them from now on. What other
    jobs have left is dropped. Returns how many rows of each kind there are to expect, roughly.

    Raises Conflict where objects outside depend on the tables that will be dropped, and cannot be moved.
    """
    with database.transaction(seconds=SECONDS) as transaction:
        dependents.refuse(transaction, LIVE)
    drop(database, NEW, BUILDING, OLD)
    migrate(database, NEW)
    with database.transaction(schema=NEW, seconds=SECONDS) as transaction:
        transaction.run(WRITER)
        _put_indexes_off(transaction)
        transaction.script("CREATE TABLE rebuild_state (job text NOT NULL, derives boolean NOT NULL)")
        transaction.run("INSERT INTO rebuild_state VALUES (:job, false)", job=job_id)
        transaction.script(f"ALTER SCHEMA {NEW} RENAME TO {BUILDING}")
        return estimates(transaction)


def check(transaction: Transaction, job_id: str) -> None:
    """Raises Conflict where the tables beside are not of this job: somebody dropped them."""
    if _owner(transaction) != job_id:
        raise Conflict("the tables that it was filling are gone")


def create_index(database: Database, job_id: str, *, of_people: bool) -> bool:
    """Create one of the indexes that were put off, of the table `people` or of all others, and return whether there was
    one."""
    with database.transaction(schema=BUILDING, seconds=SECONDS) as transaction:
        transaction.run(WRITER)
        check(transaction, job_id)
        waiting = transaction.run(
            "SELECT name, definition FROM rebuild_indexes WHERE (of_table = 'people') = :of_people ORDER BY name"
            " LIMIT 1",
            of_people=of_people,
        )
        if not waiting:
            return False
        ((name, definition),) = waiting
        transaction.script(f"SET LOCAL maintenance_work_mem = '256MB'; {definition}")
        transaction.run("DELETE FROM rebuild_indexes WHERE name = :name", name=name)
        return True


def analyze(database: Database, job_id: str) -> None:
    """Let PostgreSQL see how the values are spread, so that it plans well from the first question on."""
    with database.transaction(schema=BUILDING, seconds=SECONDS) as transaction:
        check(transaction, job_id)
        names = transaction.run(
            "SELECT quote_ident(relname) FROM pg_class WHERE relnamespace = CAST(to_regnamespace(:schema) AS oid)"
            " AND relkind IN ('r', 'p', 'm') AND NOT relispartition ORDER BY relname",
            schema=BUILDING,
        )
        transaction.script(f"ANALYZE {', '.join(str(name) for (name,) in names)}")


def count_views(database: Database, job_id: str) -> None:
    """Count the views of the new tables. After the swap it does nothing."""
    for name in VIEWS:
        with database.transaction(schema="pg_catalog", seconds=SECONDS) as transaction:
            if _comment(transaction, LIVE) == _mark(job_id):
                return
            check(transaction, job_id)
            transaction.enter(BUILDING)
            count(transaction, name)


def swap(database: Database, job_id: str) -> None:
    """Put the new tables in the place of those that are asked. A second time it does nothing."""
    mark = _mark(job_id)
    with database.transaction(schema="pg_catalog", seconds=SECONDS) as transaction:
        transaction.run(WRITER)
        if _comment(transaction, LIVE) == mark:
            return
        check(transaction, job_id)
        transaction.script(f"DROP TABLE {BUILDING}.rebuild_state, {BUILDING}.rebuild_indexes")
        views = dependents.views(transaction, LIVE)
        if exists(transaction, LIVE):
            transaction.script(f"ALTER SCHEMA {LIVE} RENAME TO {OLD}")
        transaction.script(f"ALTER SCHEMA {BUILDING} RENAME TO {LIVE}; COMMENT ON SCHEMA {LIVE} IS '{mark}'")
        transaction.script(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
        dependents.replace(transaction, views)


def drop(database: Database, *schemas: str) -> None:
    """Drop these schemas, as far as they are there. Raises Unavailable where somebody still reads one of them."""
    for schema in schemas:
        with database.transaction(seconds=SECONDS) as transaction:
            transaction.run(WRITER)
            drop_in(transaction, schema)


def drop_in(transaction: Transaction, *schemas: str) -> None:
    """Drop these schemas in a transaction that holds the WRITER's lock, as far as they are there. Raises Unavailable
    where somebody still reads one of them."""
    transaction.script(
        f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'; DROP SCHEMA IF EXISTS {', '.join(schemas)} CASCADE"
    )


def clear(database: Database, job_id: str) -> None:
    """Drop what a job that has ended left beside the tables that are asked."""
    with database.transaction(seconds=SECONDS) as transaction:
        is_own = _owner(transaction) == job_id
    drop(database, *([BUILDING] if is_own else []), OLD)


def _mark(job_id: str) -> str:
    """The comment on the schema that is asked, of the job that made it."""
    return f"Made anew by the job {job_id}."


def _owner(transaction: Transaction) -> str | None:
    """The id of the job that fills the tables beside; None where there are none."""
    if transaction.value("SELECT to_regclass(:name)", name=f"{BUILDING}.rebuild_state") is None:
        return None
    return str(transaction.value(f"SELECT job FROM {BUILDING}.rebuild_state"))


def _put_indexes_off(transaction: Transaction) -> None:
    """Drop the indexes that no constraint needs, and keep their definitions: to create one of all rows takes a fraction
    of the time that it takes row by row."""
    transaction.script(
        f"""
        CREATE TABLE rebuild_indexes AS
        SELECT quote_ident(c.relname) AS name, t.relname AS of_table,
            replace(pg_get_indexdef(i.indexrelid, 0, true), ' ON ONLY ', ' ON ') AS definition
        FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_class AS t ON t.oid = i.indrelid
        WHERE c.relnamespace = CAST('{NEW}' AS regnamespace) AND NOT c.relispartition AND NOT i.indisunique
            AND NOT EXISTS (SELECT FROM pg_constraint AS o WHERE o.conindid = i.indexrelid)
        """
    )
    for (name,) in transaction.run("SELECT name FROM rebuild_indexes"):
        transaction.script(f"DROP INDEX {name}")


def estimates(transaction: Transaction) -> dict[str, int]:
    """How many rows the tables that are asked have, as PostgreSQL last estimated it."""
    rows = transaction.run(
        "SELECT coalesce(p.relname, c.relname), CAST(sum(greatest(c.reltuples, 0)) AS bigint)"
        " FROM pg_class AS c LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid"
        " LEFT JOIN pg_class AS p ON p.oid = i.inhparent"
        " WHERE c.relnamespace = CAST(to_regnamespace(:schema) AS oid) AND c.relkind = 'r' GROUP BY 1",
        schema=LIVE,
    )
    return {str(name): int(number) for name, number in rows if number}


def _comment(transaction: Transaction, schema: str) -> str | None:
    comment = transaction.value(
        "SELECT obj_description(CAST(to_regnamespace(:schema) AS oid), 'pg_namespace')", schema=schema
    )
    return None if comment is None else str(comment)
