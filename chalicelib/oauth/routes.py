"""OAuth clients over HTTP."""

from __future__ import annotations

from functools import partial
from typing import Any

from chalice import Blueprint

from chalicelib import accounts
from chalicelib.core.http.routing import (
    ADMIN,
    PATCHES,
    ListQuery,
    NoQuery,
    Proof,
    Reply,
    Request,
    declares,
    listing,
)
from chalicelib.oauth import client_administration, model
from chalicelib.oauth.schemas import ClientList, ClientPatch, ClientWithSecret, NewClient, OAuthClient, Rotation
from chalicelib.oauth.store import clients

oauth = Blueprint(__name__)


def _proof_to_create(client: NewClient) -> Proof:
    """To create a client with the role `admin` takes a second factor."""
    return Proof.SECOND_FACTOR if accounts.ADMIN in client.roles else Proof.PERSON


@oauth.route("/clients", methods=["POST"], content_types=[])
@declares(
    who=ADMIN, body=NewClient, answers={201: ClientWithSecret}, proof=Proof.PERSON, proof_for=_proof_to_create
)
def create_client(request: Request[NewClient, NoQuery]) -> Reply:
    """Make a client: of a machine, or of an application that people sign in to.

    Its secret, if it has one, is shown in this answer only.
    """
    client, secret = client_administration.create(request.body)
    return Reply({**model.view(client), "secret": secret}, version=client["version"])


@oauth.route("/clients", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, query=ListQuery, answers={200: ClientList})
def list_clients(request: Request[None, ListQuery]) -> dict[str, Any]:
    """List the clients of machines and applications, oldest first."""
    page_request = request.page_request()
    result_page = clients().result_page(limit=page_request.limit, start=page_request.start)
    return listing([model.view(client) for client in result_page.items], page_request.cursor(result_page.next))


@oauth.route("/clients/{client_id}", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, answers={200: OAuthClient, 304: None})
def read_client(_request: Request[None, NoQuery], client_id: str) -> Reply:
    """Read one client."""
    client = clients().get(client_id)
    return Reply(model.view(client), version=client["version"])


@oauth.route("/clients/{client_id}", methods=["PATCH"], content_types=[])
@declares(who=ADMIN, body=ClientPatch, answers={200: OAuthClient}, proof=Proof.PERSON, media_types=PATCHES)
def change_client(request: Request[ClientPatch, NoQuery], client_id: str) -> Reply:
    """Change what is registered of a client.

    That of one with the role `admin` is changed by who proved a second factor.
    """
    client = client_administration.change(
        client_id,
        request.body,
        expected=request.expected_version(),
        require_proof=partial(request.caller.require, Proof.SECOND_FACTOR),
    )
    return Reply(model.view(client), version=client["version"])


@oauth.route("/clients/{client_id}/rotate", methods=["POST"], content_types=[])
@declares(who=ADMIN, body=Rotation, answers={200: ClientWithSecret}, proof=Proof.PERSON)
def rotate_client(request: Request[Rotation, NoQuery], client_id: str) -> Reply:
    """Give a client a new secret, shown in this answer only. The one before ends at once, or after a grace.

    That of one with the role `admin` is given to who proved a second factor.
    """
    client, secret = client_administration.rotate(
        client_id,
        request.body.grace_seconds,
        expected=request.expected_version(),
        require_proof=partial(request.caller.require, Proof.SECOND_FACTOR),
    )
    return Reply({**model.view(client), "secret": secret}, version=client["version"])


@oauth.route("/clients/{client_id}", methods=["DELETE"], content_types=[])
@declares(who=ADMIN, answers={204: None}, proof=Proof.PERSON)
def remove_client(request: Request[None, NoQuery], client_id: str) -> None:
    """Remove a client; its tokens end at once."""
    client_administration.remove(client_id, expected=request.expected_version())
