"""The read model's tables, by migrations: numbered files of SQL, each applied once and in order.

A schema holds its own list of what was applied to it, so that a rebuild makes its tables the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.core import logs
from chalicelib.read_model.database import LIVE, Database

if TYPE_CHECKING:
    from chalicelib.read_model.database import Transaction

FOLDER = Path(__file__).parent / "migrations"

ROLES = ("reporting", "reporting_full")
"""Who may read: the first without addresses, names and whatever people wrote themselves."""

OLDEST_POSTGRESQL = 150000

SECONDS = 800
"""Of a statement of a migration, within the 900 seconds of a function. An index of a large table takes minutes."""

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('rollcall read model: migrations', 0))"


@dataclass(frozen=True)
class Migration:
    number: int
    name: str
    sql: str


@cache
def migrations() -> tuple[Migration, ...]:
    """All there are, in their order."""
    return tuple(
        Migration(int(path.stem[:4]), path.stem, path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.sql"))
    )


def migrate(database: Database, schema: str = LIVE, *, until: int | None = None) -> list[str]:
    """Apply the migrations that the schema lacks, up to the number `until` or all, each in a transaction of its own,
    and return their names. Whoever else migrates meanwhile waits, and then finds them applied.

    Raises Unavailable, and Refusal where PostgreSQL refuses a statement: then the schema is as the migration before
    left it.
    """
    _prepare(database, schema)
    applied: list[str] = []
    for migration in migrations()[:until]:
        with database.transaction(schema=schema, seconds=SECONDS) as transaction:
            transaction.run(_LOCK)
            if transaction.value("SELECT 1 FROM migrations WHERE number = :number", number=migration.number):
                continue
            transaction.script(migration.sql)
            transaction.run(
                "INSERT INTO migrations (number, name) VALUES (:number, :name)",
                number=migration.number,
                name=migration.name,
            )
        applied.append(migration.name)
        logs.info("migrated", migration=migration.name, schema=schema)
    return applied


def version(transaction: Transaction) -> int:
    """The number of the newest migration of the transaction's schema; 0 where it has none."""
    if transaction.value("SELECT to_regclass('migrations')") is None:
        return 0
    return int(transaction.value("SELECT coalesce(max(number), 0) FROM migrations"))


def _prepare(database: Database, schema: str) -> None:
    """Make what migrations begin with: the schema, its list, and the roles that they grant something to."""
    with database.transaction(schema=schema, seconds=SECONDS) as transaction:
        transaction.run(_LOCK)
        number = int(transaction.value("SELECT current_setting('server_version_num')"))
        if number < OLDEST_POSTGRESQL:
            raise RuntimeError(f"the read model needs PostgreSQL 15 or newer, and this is {number // 10000}")
        if transaction.value("SELECT to_regclass('migrations')") is not None:
            return
        for role in ROLES:
            if not transaction.value("SELECT 1 FROM pg_roles WHERE rolname = :role", role=role):
                transaction.script(f"CREATE ROLE {role} NOLOGIN")
        transaction.script(
            "CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;"
            f" CREATE SCHEMA IF NOT EXISTS {schema}; GRANT USAGE ON SCHEMA {schema} TO {', '.join(ROLES)};"
            " CREATE TABLE migrations (number integer PRIMARY KEY, name text NOT NULL,"
            " applied_at timestamptz NOT NULL DEFAULT now())"
        )
