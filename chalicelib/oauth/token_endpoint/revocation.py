"""A client gives a token back (RFC 7009): the grant ends, with all tokens of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core import logs
from chalicelib.core.errors import InvalidToken
from chalicelib.oauth import application_tokens
from chalicelib.oauth.grants import model as grant_model
from chalicelib.oauth.grants.store import grants
from chalicelib.oauth.token_endpoint.errors import TokenRefused
from chalicelib.tokens import access_tokens, refresh_tokens

if TYPE_CHECKING:
    from chalicelib.oauth.rows import Client


def revoke(client: Client, token: str) -> None:
    """End the grant of a token, whichever of its tokens it is, also an old one. A token that is none changes nothing
    (section 2.2). Raises TokenRefused for that of another client, and for one that the client got for itself: it rests
    on no grant, and ends with the client's secret or keys."""
    grant_id = _grant_id_of(token)
    if grant_id is None:
        _check_own(client, token)
        return
    grant = grants().find(grant_id)
    if grant is None:
        return
    if grant["client_id"] != client["client_id"]:
        raise TokenRefused("unauthorized_client", "the token is another client's")
    grants().end(grant["id"])
    logs.info("grant revoked by its client", client=client["client_id"])


def _check_own(client: Client, token: str) -> None:
    """Raises TokenRefused for a token that the client got for itself."""
    own = access_tokens.claims_of_client(token)
    if own is not None and own["client_id"] == client["client_id"]:
        raise TokenRefused("unsupported_token_type", "a token that a client got for itself cannot be revoked")


def _grant_id_of(token: str) -> str | None:
    if (refresh_token := refresh_tokens.parse(token, "grants")) is not None:
        return grant_model.grant_id(refresh_token.holder_id)
    try:
        return application_tokens.verify(token).grant_id
    except InvalidToken:
        return None
