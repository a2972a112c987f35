"""OAuth clients: their rows `client#<id>` in the table `credentials`, which has no stream, and their public records in
the table `clients`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from chalicelib.core.aws import clients as aws_clients
from chalicelib.core.aws.changes import Changes
from chalicelib.core.aws.dynamo import ResultPage, TransactionRefused, absent, unchanged
from chalicelib.core.aws.dynamo.conditions import Attr, Key
from chalicelib.core.errors import NotFound, PreconditionFailed
from chalicelib.oauth import model

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chalicelib.core.aws.dynamo import Action, Database, Table
    from chalicelib.core.aws.dynamo import Key as ItemKey
    from chalicelib.oauth.rows import Client, ClientRecord


class Clients:
    """Every OAuth client of the stage. A write succeeds only where the row still has the version that was read. The
    same transaction writes the public record, from which the events come."""

    def __init__(self, database: Database, credentials: Table[Client], public: Table[ClientRecord]) -> None:
        self._database = database
        self._credentials = credentials
        self._public = public

    def find(self, client_id: str) -> Client | None:
        """The client, read consistently, or None: one read."""
        return self._credentials.get({"id": model.row_id(client_id)})

    def table_and_key(self, client_id: str) -> tuple[Table[Client], ItemKey]:
        """The table and the key of a client, to read it in one batch with other rows."""
        return self._credentials, {"id": model.row_id(client_id)}

    def get(self, client_id: str) -> Client:
        """The client. Raises NotFound."""
        client = self.find(client_id)
        if client is None:
            raise NotFound("there is no such client")
        return client

    def logout_uris(self, client_ids: Iterable[str]) -> dict[str, str]:
        """The back-channel logout addresses of these clients, by their ids; without those that want nothing or are
        removed. One batch read of the public records, which have no secrets, and none of no clients."""
        keys: list[tuple[Table[Any], ItemKey]] = [
            (self._public, {"id": client_id}) for client_id in sorted(set(client_ids))
        ]
        rows = self._database.batch_get(keys) if keys else []
        public = [cast("ClientRecord", row) for row in rows if row is not None]
        return {row["id"]: row["backchannel_logout_uri"] for row in public if "backchannel_logout_uri" in row}

    def create(self, client: Client, *, also: Mapping[str, Action] | None = None) -> None:
        """Store a new client, together with what `also` does. Raises TransactionRefused where that does not hold."""
        self._database.transact(
            {
                "client": self._credentials.putting(client, absent()),
                "record": self._public.putting(model.record_of(client), absent()),
                **(also or {}),
            }
        )

    def replace(self, client: Client, next_version: Client, expected: int | None = None) -> None:
        """Replace a client by its next version. Raises PreconditionFailed where it is not at the `expected` version, or
        was changed since it was read."""
        _require_version(client, expected)
        self._write(self._credentials.putting(next_version, unchanged(client)), model.record_of(next_version))

    def remove(self, client: Client, expected: int | None = None) -> None:
        """Remove a client; its tokens end with it. Raises what `replace` raises."""
        _require_version(client, expected)
        deleting = self._credentials.deleting({"id": client["id"]}, unchanged(client))
        self._write(deleting, model.tombstone_of(client))

    def _write(self, action: Action, record: ClientRecord) -> None:
        """A client that a former version created has no public record until it is changed. One that it changed, while
        this version was deployed, has a record of the version before."""
        is_behind = absent() | Attr("version").lt(record["version"])
        try:
            self._database.transact({"client": action, "record": self._public.putting(record, is_behind)})
        except TransactionRefused as conflict:
            raise PreconditionFailed("the client was changed by somebody else") from conflict

    def result_page(self, *, limit: int, start: ItemKey | None = None) -> ResultPage[Client]:
        """Clients, oldest first. The index, which names them, is a second or so behind."""
        named = self._credentials.query(Key("kind").eq("client"), index="kind-index", limit=limit, start=start)
        keys = [(self._credentials, {"id": entry["id"]}) for entry in named.items]
        rows = self._database.batch_get(keys) if keys else []
        return ResultPage([cast("Client", row) for row in rows if row is not None], named.next)


def _require_version(client: Client, expected: int | None) -> None:
    if expected not in {None, client["version"]}:
        raise PreconditionFailed(f"the client is at version {client['version']}")


def changes() -> Changes:
    """The changes of clients, by their hour."""
    return Changes(aws_clients.table("clients"), ("id",))


@aws_clients.once
def clients() -> Clients:
    """The stage's clients."""
    return Clients(aws_clients.database(), aws_clients.table("credentials"), aws_clients.table("clients"))
