"""Dynamic registration over HTTP (RFC 7591)."""

from __future__ import annotations

from chalice import Blueprint

from chalicelib.core import clock
from chalicelib.core.http.routing import ADMIN, ANYONE, NoQuery, Proof, Reply, Request, declares
from chalicelib.oauth.registration import register as registration
from chalicelib.oauth.registration.errors import REGISTRATION_ERRORS
from chalicelib.oauth.registration.schemas import (
    ClientMetadata,
    NewRegistrationToken,
    RegisteredClient,
    RegistrationTokenView,
)
from chalicelib.oauth.registration.store import id_of, registration_tokens
from chalicelib.oauth.token_endpoint.errors import UNCACHED

registrations = Blueprint(__name__)

BODY_LIMIT = 64 * 1024


@registrations.route("/clients/registration-tokens", methods=["POST"], content_types=[])
@declares(who=ADMIN, body=NewRegistrationToken, answers={201: RegistrationTokenView}, proof=Proof.PERSON)
def create_registration_token(request: Request[NewRegistrationToken, NoQuery]) -> Reply:
    """Make a token by which applications register themselves. It is shown in this answer only."""
    row, token = registration.create_token(request.body, request.caller.id)
    view = {
        "id": id_of(row),
        "token": token,
        "uses": row["uses_left"],
        "scopes": row["scopes"],
        "audiences": row["audiences"],
        "expires_at": clock.timestamp_of(row["good_until"]),
    }
    return Reply(view)


@registrations.route("/clients/registration-tokens/{token_id}", methods=["DELETE"], content_types=[])
@declares(who=ADMIN, answers={204: None}, proof=Proof.PERSON)
def remove_registration_token(_request: Request[None, NoQuery], token_id: str) -> None:
    """Remove a token for registration; what registered by it stays."""
    registration_tokens().remove(token_id)


@registrations.route("/oauth2/register", methods=["POST"], content_types=[])
@declares(
    who=ANYONE,
    body=ClientMetadata,
    answers={201: RegisteredClient},
    body_limit=BODY_LIMIT,
    errors=REGISTRATION_ERRORS,
)
def register_client(request: Request[ClientMetadata, NoQuery]) -> Reply:
    """Register an application as a client (RFC 7591), by the bearer token of an administrator.

    A stage whose setting `CLIENT_REGISTRATION` is `off` answers 404.
    """
    authorization = request.headers.get("authorization", "")
    client, secret = registration.register(request.body, authorization, request.source_ip)
    return Reply(registration.shown(client, secret), headers={**UNCACHED})
