"""Rows `connection#<id>` of the table `credentials`, and those of them that this process has in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from chalicelib.connections import model
from chalicelib.connections.process_note import SECONDS, noted
from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.core.aws.dynamo import ConditionFailed, absent, unchanged
from chalicelib.core.aws.dynamo.conditions import Key
from chalicelib.core.errors import Conflict, NotFound, PreconditionFailed

if TYPE_CHECKING:
    from chalicelib.connections.rows import Connection
    from chalicelib.core.aws.dynamo import Database, Table
    from chalicelib.core.aws.dynamo import Key as ItemKey


class Connections:
    """Every connection of the stage. A write succeeds only where the row still has the version that was read."""

    def __init__(self, database: Database, credentials: Table[Any]) -> None:
        self._database = database
        self._credentials: Table[Connection] = credentials
        self._enabled: list[Connection] = []
        self._read_at: int | None = None

    def find(self, connection_id: str) -> Connection | None:
        """The connection, read consistently, or None: one read."""
        return self._credentials.get({"id": model.row_id(connection_id)})

    def get(self, connection_id: str) -> Connection:
        """The connection. Raises NotFound."""
        connection = self.find(connection_id)
        if connection is None:
            raise NotFound("there is no such connection")
        return connection

    def all(self) -> list[Connection]:
        """Every connection, by id: their keys from an index that is a second or so behind, then the rows."""
        rows = self._credentials.query_all(Key("kind").eq("connection"), index="kind-index")
        keys: list[tuple[Table[Any], ItemKey]] = [(self._credentials, {"id": row["id"]}) for row in rows]
        stored = self._database.batch_get(keys) if keys else []
        return [cast("Connection", row) for row in stored if row is not None]

    def enabled(self) -> list[Connection]:
        """The connections that people may come by, as read at most a minute ago: for the rules of domains and the list
        on the page of sign-in. The flow itself reads its connection each time."""
        now = clock.epoch()
        if self._read_at is None or not 0 <= now - self._read_at < SECONDS:
            self._enabled = [connection for connection in self.all() if connection["enabled"]]
            self._read_at = now
            noted().note(bool(self._enabled))
        return self._enabled

    def required_for(self, domain: str) -> Connection | None:
        """The connection by which alone addresses of this domain may come, or None."""
        return next((connection for connection in self.enabled() if model.requires(connection, domain)), None)

    def create(self, connection: Connection) -> None:
        """Raises Conflict where there is one with its id."""
        try:
            self._credentials.put(connection, absent())
        except ConditionFailed as conflict:
            raise Conflict("there is a connection with this id") from conflict
        self._clear()

    def replace(self, connection: Connection, next_version: Connection, expected: int | None = None) -> None:
        """Replace a connection by its next version. Raises PreconditionFailed where it is not at the `expected`
        version, or was changed since it was read."""
        _require_version(connection, expected)
        try:
            self._credentials.put(next_version, unchanged(connection))
        except ConditionFailed as conflict:
            raise PreconditionFailed("the connection was changed by somebody else") from conflict
        self._clear()

    def remove(self, connection: Connection, expected: int | None = None) -> None:
        """Remove a connection: nobody comes by it any more. Raises what `replace` raises."""
        _require_version(connection, expected)
        try:
            self._credentials.delete({"id": connection["id"]}, unchanged(connection))
        except ConditionFailed as conflict:
            raise PreconditionFailed("the connection was changed by somebody else") from conflict
        self._clear()

    def _clear(self) -> None:
        self._read_at = None
        noted().clear()


def _require_version(connection: Connection, expected: int | None) -> None:
    if expected not in {None, connection["version"]}:
        raise PreconditionFailed(f"the connection is at version {connection['version']}")


@clients.once
def connections() -> Connections:
    """The stage's connections."""
    return Connections(clients.database(), clients.table("credentials"))
