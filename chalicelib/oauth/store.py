"""Rows `client#<id>` of the table `credentials`, which has no stream, and their index for lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.aws import clients as aws_clients
from chalicelib.core.aws.dynamo import ConditionFailed, absent, unchanged
from chalicelib.core.aws.dynamo.conditions import Key
from chalicelib.core.errors import NotFound, PreconditionFailed
from chalicelib.oauth import model

if TYPE_CHECKING:
    from chalicelib.core.aws.dynamo import Key as ItemKey
    from chalicelib.core.aws.dynamo import ResultPage, Table
    from chalicelib.oauth.rows import Client


class Clients:
    """Every OAuth client of the stage. A write succeeds only where the row still has the version that was read."""

    def __init__(self, credentials: Table[Client]) -> None:
        self._credentials = credentials

    def find(self, client_id: str) -> Client | None:
        """The client, read consistently, or None: one read."""
        return self._credentials.get({"id": model.row_id(client_id)})

    def get(self, client_id: str) -> Client:
        """The client. Raises NotFound."""
        client = self.find(client_id)
        if client is None:
            raise NotFound("there is no such client")
        return client

    def create(self, client: Client) -> None:
        self._credentials.put(client, absent())

    def replace(self, client: Client, next_version: Client, expected: int | None = None) -> None:
        """Replace a client by its next version. Raises PreconditionFailed where it is not at the `expected` version, or
        was changed since it was read."""
        _require_version(client, expected)
        try:
            self._credentials.put(next_version, unchanged(client))
        except ConditionFailed as conflict:
            raise PreconditionFailed("the client was changed by somebody else") from conflict

    def remove(self, client: Client, expected: int | None = None) -> None:
        """Remove a client; its tokens end with it. Raises what `replace` raises."""
        _require_version(client, expected)
        try:
            self._credentials.delete({"id": client["id"]}, unchanged(client))
        except ConditionFailed as conflict:
            raise PreconditionFailed("the client was changed by somebody else") from conflict

    def result_page(self, *, limit: int, start: ItemKey | None = None) -> ResultPage[Client]:
        """Clients, oldest first, without their secrets: from an index that is a second or so behind."""
        return self._credentials.query(Key("kind").eq("client"), index="kind-index", limit=limit, start=start)


def _require_version(client: Client, expected: int | None) -> None:
    if expected not in {None, client["version"]}:
        raise PreconditionFailed(f"the client is at version {client['version']}")


@aws_clients.once
def clients() -> Clients:
    """The stage's clients."""
    return Clients(aws_clients.table("credentials"))
