"""Whether a token is good (RFC 7662), for the client that it was issued to and the resource server that it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core.errors import InvalidToken
from chalicelib.oauth import application_tokens, model
from chalicelib.oauth.application_tokens import holder_of
from chalicelib.oauth.grants import model as grant_model
from chalicelib.oauth.grants.store import grants
from chalicelib.oauth.store import clients
from chalicelib.oauth.token_endpoint.errors import TokenRefused
from chalicelib.tokens import access_tokens, refresh_tokens

if TYPE_CHECKING:
    from chalicelib.oauth.rows import Client

INACTIVE: dict[str, Any] = {"active": False}
"""All that is told of any token that is not good, or not the asking client's to know of (RFC 7662, section 2.2)."""

SHOWN_CLAIMS = (
    *("iss", "sub", "aud", "client_id", "jti", "iat", "exp", "scope", "sid"),
    *("auth_time", "acr", "amr", "roles"),
)
"""The claims that are told."""


def introspect(client: Client, token: str) -> dict[str, Any]:
    """What the client may know of a token: two reads. Raises TokenRefused for a public client, which anybody could
    be."""
    if model.registered(client)["token_endpoint_auth_method"] == "none":
        raise TokenRefused("unauthorized_client", "a public client cannot ask about tokens")
    if (refresh_token := refresh_tokens.parse(token, "grants")) is not None:
        return _of_refresh_token(client, refresh_token)
    try:
        claims = application_tokens.verify(token)
    except InvalidToken:
        return _of_machine_token(client, token)
    if not _may_know(client, claims.client_id, claims.audience):
        return INACTIVE
    if holder_of(claims.grant_id, claims.client_id, claims.user_id, claims.session_id) is None:
        return INACTIVE
    return _active(claims.all)


def _of_refresh_token(client: Client, token: refresh_tokens.RefreshToken) -> dict[str, Any]:
    grant = grants().find(grant_model.grant_id(token.holder_id))
    if grant is None or grant["client_id"] != client["client_id"] or grant.get("refresh_hash") != token.digest:
        return INACTIVE
    if holder_of(grant["id"], grant["client_id"], grant["user_id"], grant["session_id"]) is None:
        return INACTIVE
    members = {"client_id": grant["client_id"], "sub": grant["user_id"], "scope": " ".join(grant["scopes"])}
    return {"active": True, **members, "exp": grant["expires_at"]}


def _of_machine_token(client: Client, token: str) -> dict[str, Any]:
    """Of a token that a client got for itself."""
    claims = access_tokens.claims_of_client(token)
    if claims is None or not _may_know(client, claims["client_id"], claims["aud"]):
        return INACTIVE
    issued_to = clients().find(claims["client_id"])
    if issued_to is None or not model.still_holds(issued_to, claims["credential"]):
        return INACTIVE
    return _active(claims)


def _may_know(client: Client, issued_to: str, audience: str) -> bool:
    return issued_to == client["client_id"] or audience in model.registered(client)["audiences"]


def _active(claims: dict[str, Any]) -> dict[str, Any]:
    shown = {name: claims[name] for name in SHOWN_CLAIMS if name in claims}
    return {"active": True, "token_type": "Bearer", **shown}
