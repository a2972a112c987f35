"""A real PostgreSQL: one for each process that runs tests, and an empty read model in it for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.core.names import READ_MODEL_SECRET
from chalicelib.core.settings import settings
from chalicelib.read_model import database as databases
from chalicelib.read_model.database import Database, options_of
from chalicelib.read_model.migrating import migrate
from tests.cloudlike import NAMES, stage
from tests.postgresql.rebuilding import NOW
from tools import postgresql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.postgresql import Server

MIGRATED = "migrated"
"""The database that every other is copied from."""


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server, with a database that has the tables and nothing in them."""
    if why := postgresql.missing():
        pytest.skip(why)
    with postgresql.running() as running:
        running.create(MIGRATED)
        made = Database(options_of(running.secret(MIGRATED)))
        migrate(made)
        made.close()
        yield running


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    """An empty read model of its own. `rollcall_test` is the database's name at the server."""
    server.create("rollcall_test", template=MIGRATED)
    opened = Database(options_of(server.secret("rollcall_test")))
    yield opened
    opened.close()


@pytest.fixture
def aws() -> Iterator[Any]:
    """An empty stage. See `tests.cloudlike.Cloud`."""
    with stage() as cloud:
        yield cloud


@pytest.fixture
def read_model(aws: Any, database: Database, server: Server) -> Iterator[Database]:
    """An empty stage that has a read model, which its functions reach by its secret."""
    with settings.held(read_model="postgres"):
        clients.client("secretsmanager").create_secret(
            Name=NAMES.of(READ_MODEL_SECRET), SecretString=server.secret("rollcall_test")
        )
        yield database
        databases.database().close()


@pytest.fixture
def held(read_model: Database) -> Iterator[Database]:
    """A stage that has a read model, where it is the time at which `rebuilding` has things happen."""
    with clock.held(clock.parse(NOW)):
        yield read_model
