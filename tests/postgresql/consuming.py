"""Batches for the consumer of the read model, and what its tables hold after them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from chalicelib.core.aws import clients
from chalicelib.events.change import events_of
from chalicelib.read_model.consumer import apply_events
from chalicelib.read_model.database import database
from tests.cloudlike import NAMES
from tests.functional.streams import queue_event
from tests.unit.events.images import URL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chalicelib.core.aws.dynamo import Item
    from chalicelib.events import Event
    from chalicelib.read_model.database import Database
    from tools.postgresql import Server

TABLES = ("people", "identities", "sessions", "items", "memberships", "events", "tombstones")

QUEUE = "read-model"


def make_queues() -> None:
    """The queue, and the one of its dead letters, where a test deleted them."""
    for name in (QUEUE, f"{QUEUE}-dlq"):
        clients.client("sqs").create_queue(QueueName=NAMES.of(name))


def change(table: str, old: Item | None, new: Item | None, **how: bool) -> list[Event]:
    """The events of a change, which is in its table of DynamoDB then."""
    if new is not None:
        clients.table(table).put(new)
    return events_of(table, old, new, how.get("expired", False), public_url=URL)


def consume(bodies: Iterable[Any]) -> None:
    """Hand a batch of messages to the consumer."""
    apply_events(queue_event(QUEUE, bodies))


def rows(
    read_model: Database, *, schema: str = "rollcall", tables: Iterable[str] = TABLES
) -> dict[str, list[Any]]:
    """Every row of these tables, in a fixed order, each as a JSON object."""
    with read_model.transaction(schema=schema) as transaction:
        return {
            table: [row for (row,) in transaction.run(f"SELECT to_jsonb(t) FROM {table} AS t ORDER BY t::text")]
            for table in tables
        }


def texts(read_model: Database, schema: str = "rollcall") -> str:
    """All that any table holds, as one text."""
    return str(rows(read_model, schema=schema))


@contextmanager
def away(server: Server) -> Iterator[None]:
    """The test's database lets nobody in while the block runs."""
    database().close()
    server.psql("-d", "postgres", "-c", "ALTER DATABASE rollcall_test ALLOW_CONNECTIONS false")
    try:
        yield
    finally:
        server.psql("-d", "postgres", "-c", "ALTER DATABASE rollcall_test ALLOW_CONNECTIONS true")
