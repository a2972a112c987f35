"""Connections over HTTP: how administrators say which identity providers people may come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib.connections import administration, model
from chalicelib.connections import store as connection_store
from chalicelib.connections.domains import domain_of
from chalicelib.connections.schemas import (
    ConnectionList,
    ConnectionPatch,
    ConnectionTest,
    ConnectionView,
    NewConnection,
)
from chalicelib.core.http.routing import ADMIN, PATCHES, NoQuery, Proof, Reply, Request, declares, listing

if TYPE_CHECKING:
    from chalicelib.connections.rows import Connection
    from chalicelib.core.http.routing import Caller

connections = Blueprint(__name__)


@connections.route("/connections", methods=["POST"], content_types=[])
@declares(who=ADMIN, body=NewConnection, answers={201: ConnectionView}, proof=Proof.SECOND_FACTOR)
def create_connection(request: Request[NewConnection, NoQuery]) -> Reply:
    """Let people come from an identity provider. Its secret is sealed, and shown never."""
    body = request.body
    fields = body.model_dump(exclude_none=True)
    connection = administration.create(body.id, body.kind, body.secret, fields, _own_domain(request.caller))
    return _reply(connection)


@connections.route("/connections", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, answers={200: ConnectionList})
def list_connections(request: Request[None, NoQuery]) -> dict[str, Any]:  # noqa: ARG001 - every route takes one
    """List every connection; there are 50 at most."""
    return listing([model.view(connection) for connection in connection_store.connections().all()], None)


@connections.route("/connections/{connection_id}", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, answers={200: ConnectionView, 304: None})
def read_connection(_request: Request[None, NoQuery], connection_id: str) -> Reply:
    """Read one connection."""
    return _reply(connection_store.connections().get(connection_id))


@connections.route("/connections/{connection_id}", methods=["PATCH"], content_types=[])
@declares(
    who=ADMIN,
    body=ConnectionPatch,
    answers={200: ConnectionView},
    media_types=PATCHES,
    proof=Proof.SECOND_FACTOR,
)
def change_connection(request: Request[ConnectionPatch, NoQuery], connection_id: str) -> Reply:
    """Change, disable or enable a connection. Rules of domains may go by what was before for a minute."""
    patch = request.body.model_dump(exclude_unset=True)
    own_domain, expected = _own_domain(request.caller), request.expected_version()
    return _reply(administration.change(connection_id, patch, own_domain, expected=expected))


@connections.route("/connections/{connection_id}", methods=["DELETE"], content_types=[])
@declares(who=ADMIN, answers={204: None}, proof=Proof.SECOND_FACTOR)
def remove_connection(request: Request[None, NoQuery], connection_id: str) -> None:
    """Remove a connection: nobody comes by it any more."""
    administration.remove(connection_id, expected=request.expected_version())


@connections.route("/connections/{connection_id}/test", methods=["POST"], content_types=[])
@declares(who=ADMIN, answers={200: ConnectionTest}, proof=Proof.SECOND_FACTOR)
def test_connection(request: Request[None, NoQuery], connection_id: str) -> dict[str, Any]:  # noqa: ARG001
    """Read what the provider publishes, now, and say what was found or what is wrong."""
    return administration.test(connection_id)


def _reply(connection: Connection) -> Reply:
    return Reply(model.view(connection), version=connection["version"])


def _own_domain(caller: Caller) -> str:
    """The domain of the administrator's own address; empty where they have none."""
    email = caller.user.get("email")
    return domain_of(str(email)) if email else ""
