"""The client credentials grant of OAuth 2.0 (RFC 6749, section 4.4): a client's proof gets an access token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.oauth import client_rules, model
from chalicelib.oauth.token_endpoint.errors import TokenRefused
from chalicelib.oauth.token_endpoint.scopes import audience_of, scopes_of
from chalicelib.tokens import access_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.oauth.rows import Client


def token_for(client: Client, credential: int, fields: Mapping[str, str]) -> access_tokens.Issued:
    """An access token in the client's own name, for Rollcall's API or for the resource server that it names.
    `credential` is the number of its proof. Raises TokenRefused."""
    registered = model.registered(client)
    if client_rules.CLIENT_CREDENTIALS not in registered["grant_types"]:
        raise TokenRefused("unauthorized_client", "the client is not registered for this grant type")
    allowed = [scope for scope in registered["scopes"] if scope not in client_rules.PERSONAL_SCOPES]
    scopes = scopes_of(fields.get("scope", ""), allowed)
    return access_tokens.issue_to_client(
        client["client_id"],
        client["roles"],
        credential,
        scopes=scopes,
        audience=audience_of(fields.get("resource"), registered["audiences"]),
        seconds=registered.get("access_token_seconds"),
    )
