"""Migrations: each applied once and in order, by one at a time, and tested from the version before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.core.errors import Unavailable
from chalicelib.events.change import events_of
from chalicelib.profile.fields import FIELDS
from chalicelib.read_model import projection
from chalicelib.read_model.database import LIVE, Database, Refusal, options_of
from chalicelib.read_model.migrating import migrate, migrations, version
from chalicelib.read_model.statements import Rows
from chalicelib.read_model.writing import apply
from tests.unit.events import images

PERSONAL = {
    "people": {"email", "email_domain", "name", "birthdate", "attributes", "metadata", "search"},
    "sessions": {"agent"},
    "items": {"value"},
    "events": {"previous", "request_id", "session_kept"},
}


@pytest.fixture
def empty(server):
    """A database without anything in it."""
    server.create("rollcall_test")
    database = Database(options_of(server.secret("rollcall_test")))
    yield database
    database.close()


def test_are_numbered_without_a_gap():
    assert [migration.number for migration in migrations()] == list(range(1, len(migrations()) + 1))


def test_are_applied_once(empty):
    names = [migration.name for migration in migrations()]
    assert migrate(empty) == names
    assert migrate(empty) == []
    with empty.transaction() as transaction:
        assert version(transaction) == len(names)


@pytest.mark.parametrize("before", range(1, len(migrations())))
def test_rows_of_the_version_before_are_in_the_tables_after_it(empty, before):
    migrate(empty, until=before)
    rows = written()
    apply(empty, rows)
    assert migrate(empty) == [migration.name for migration in migrations()[before:]]
    after = content(empty)
    assert after == {"people": 1, "sessions": 1, "events": len(rows.events)}
    apply(empty, rows)
    assert content(empty) == after


def content(database):
    """How many rows each table has."""
    with database.transaction() as transaction:
        return {
            table: transaction.value(f"SELECT count(*) FROM {table}") for table in ("people", "sessions", "events")
        }


def written():
    """Rows of somebody who registered and signed in."""
    rows = Rows()
    person = images.user()
    session = images.session(user_id=person["id"])
    for table, record in {"users": person, "sessions": session}.items():
        for event in events_of(table, None, record, False, public_url="https://accounts.example"):
            rows.add_event(projection.event_row(event))
            if (started := projection.session_row_of(event)) is not None:
                rows.add_session(started)
    rows.add_person(projection.person_row(person))
    return rows


def test_of_several_at_once_each_is_applied_by_one(server, empty):
    databases = [Database(options_of(server.secret("rollcall_test"))) for _ in range(4)]
    with ThreadPoolExecutor(4) as workers:
        applied = list(workers.map(migrate, databases))
    assert sorted(name for names in applied for name in names) == [each.name for each in migrations()]
    for database in databases:
        database.close()


def test_every_field_of_a_person_has_a_column(database):
    with database.transaction() as transaction:
        rows = transaction.run(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_schema = :schema AND table_name = 'people'",
            schema=LIVE,
        )
    assert FIELDS.keys() - {"identities"} <= {name for (name,) in rows}


def test_every_table_that_may_be_asked_has_a_comment(database):
    with database.transaction() as transaction:
        rows = transaction.run(
            "SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
            " WHERE n.nspname = :schema AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition"
            " AND obj_description(c.oid, 'pg_class') IS NULL",
            schema=LIVE,
        )
    assert sorted(name for (name,) in rows) == ["migrations", "tombstones"]


@pytest.mark.parametrize("table", PERSONAL)
def test_reporting_reads_no_column_that_is_personal(database, table):
    with database.transaction() as transaction:
        rows = transaction.run(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = :schema"
            " AND table_name = :table AND NOT has_column_privilege('reporting',"
            " CAST(:schema || '.' || :table AS regclass), CAST(column_name AS text), 'SELECT')",
            schema=LIVE,
            table=table,
        )
    assert {name for (name,) in rows} == PERSONAL[table]


def test_reporting_is_refused_what_is_personal(database):
    def read(columns):
        with database.transaction() as transaction:
            transaction.script("SET LOCAL ROLE reporting")
            return transaction.run(f"SELECT {columns} FROM people")

    with pytest.raises(Unavailable, match="42501"):
        read("email")
    assert read("id, age") == []
    with pytest.raises(Refusal, match="25006"), database.transaction(read_only=True) as transaction:
        transaction.run("DELETE FROM people")
