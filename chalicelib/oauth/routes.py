"""Machines' clients over HTTP."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field

from chalicelib import accounts
from chalicelib.core.http import cursors
from chalicelib.core.http.declarations import (
    ADMIN,
    ListQuery,
    Model,
    NoQuery,
    Reply,
    Request,
    Routes,
    Visible,
    listing,
)
from chalicelib.core.http.step_up import Proof
from chalicelib.oauth import client_administration, model
from chalicelib.oauth.store import clients

routes = Routes("machines")


class NewClient(Model):
    name: Annotated[str, Visible(100)]
    roles: Annotated[list[str], BeforeValidator(accounts.check_roles), Field(min_length=1)]


class Rotation(Model):
    grace_seconds: int = Field(
        default=0,
        strict=True,
        ge=0,
        le=model.GRACE_LIMIT,
        description="How long the secret before it goes on, with its tokens",
    )


class Client(BaseModel):
    id: str
    name: str
    roles: list[str]
    created_at: str
    updated_at: str
    secret_made_at: str
    previous_valid_until: str | None = Field(description="Until when the secret before the present one holds")
    version: int


class ClientWithSecret(Client):
    secret: str = Field(description="Shown in this answer only")


class ClientList(BaseModel):
    items: list[Client]
    next: str | None


def _making(client: NewClient) -> Proof:
    """One with the role `admin` wants a second factor."""
    return Proof.SECOND_FACTOR if accounts.ADMIN in client.roles else Proof.PERSON


@routes.post(
    "/clients",
    who=ADMIN,
    body=NewClient,
    returns=ClientWithSecret,
    status=201,
    proof=Proof.PERSON,
    proof_for=_making,
)
def create_client(request: Request[NewClient, NoQuery]) -> Reply:
    """Make a client, with which a machine gets tokens. The secret is shown in this answer only."""
    client, secret = client_administration.create(request.body.name, request.body.roles)
    return Reply({**model.view(client), "secret": secret}, version=client["version"])


@routes.get("/clients", who=ADMIN, query=ListQuery, returns=ClientList)
def list_clients(request: Request[None, ListQuery]) -> dict[str, Any]:
    """List the clients of machines, oldest first."""
    binding = ("GET /clients", request.caller.id)
    start = cursors.open_sealed(request.query.cursor, *binding) if request.query.cursor else None
    page = clients().page(limit=request.query.limit, start=start)
    return listing(
        [model.view(client) for client in page.items], cursors.seal(page.next, *binding) if page.next else None
    )


@routes.get("/clients/{client_id}", who=ADMIN, returns=Client)
def read_client(_request: Request[None, NoQuery], client_id: str) -> Reply:
    """Read one client."""
    client = clients().get(client_id)
    return Reply(model.view(client), version=client["version"])


@routes.post("/clients/{client_id}/rotate", who=ADMIN, body=Rotation, returns=ClientWithSecret, proof=Proof.PERSON)
def rotate_client(request: Request[Rotation, NoQuery], client_id: str) -> Reply:
    """Give a client a new secret, shown in this answer only. The one before ends at once, or after a grace.

    That of one with the role `admin` is given to who proved a second factor.
    """
    client, secret = client_administration.rotate(
        client_id,
        request.body.grace_seconds,
        expected=request.expected_version(),
        granting=partial(request.caller.require, Proof.SECOND_FACTOR),
    )
    return Reply({**model.view(client), "secret": secret}, version=client["version"])


@routes.delete("/clients/{client_id}", who=ADMIN, proof=Proof.PERSON)
def remove_client(request: Request[None, NoQuery], client_id: str) -> None:
    """Remove a client; its tokens end at once."""
    client_administration.remove(client_id, expected=request.expected_version())
