"""Rows `client#<id>` of the table `credentials`, which has no stream, and their index for lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boto3.dynamodb.conditions import Key

from chalicelib.core.aws import clients as aws
from chalicelib.core.aws.dynamo import ConditionFailed, absent, unchanged
from chalicelib.core.errors import NotFound, PreconditionFailed
from chalicelib.oauth import model

if TYPE_CHECKING:
    from chalicelib.core.aws.dynamo import Item, Page, Table


class Clients:
    """Every client of the stage, each written under the version that was read."""

    def __init__(self, credentials: Table) -> None:
        self._credentials = credentials

    def find(self, client_id: str) -> Item | None:
        """The client, read consistently, or None: one read."""
        return self._credentials.get({"id": model.row_id(client_id)})

    def get(self, client_id: str) -> Item:
        """The client. Raises NotFound."""
        client = self.find(client_id)
        if client is None:
            raise NotFound("there is no such client")
        return client

    def create(self, client: Item) -> None:
        self._credentials.put(client, absent())

    def replace(self, client: Item, following: Item, expected: int | None = None) -> None:
        """Put the next version in place of this one. Raises PreconditionFailed where this one is not the `expected`
        version, or no longer the present one."""
        _expect(client, expected)
        try:
            self._credentials.put(following, unchanged(client))
        except ConditionFailed as met:
            raise PreconditionFailed("the client was changed by somebody else") from met

    def remove(self, client: Item, expected: int | None = None) -> None:
        """Remove a client, and with it every token that it has. Raises like `replace`."""
        _expect(client, expected)
        try:
            self._credentials.delete({"id": client["id"]}, unchanged(client))
        except ConditionFailed as met:
            raise PreconditionFailed("the client was changed by somebody else") from met

    def page(self, *, limit: int, start: Item | None = None) -> Page:
        """Clients, oldest first, from an index that follows within a second or so."""
        return self._credentials.query(Key("kind").eq("client"), index="kind-index", limit=limit, start=start)


def _expect(client: Item, expected: int | None) -> None:
    if expected not in {None, client["version"]}:
        raise PreconditionFailed(f"the client is at version {client['version']}")


@aws.once
def clients() -> Clients:
    """The stage's clients."""
    return Clients(aws.table("credentials"))
