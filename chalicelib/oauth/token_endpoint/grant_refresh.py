"""The refresh token grant (RFC 6749, section 6), with the rotation that sessions have: see `tokens.rotation`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core import logs
from chalicelib.core.aws import records
from chalicelib.core.errors import InvalidToken
from chalicelib.oauth import application_tokens, client_rules, id_tokens, model
from chalicelib.oauth.grants.store import grants
from chalicelib.oauth.token_endpoint.errors import TokenRefused
from chalicelib.oauth.token_endpoint.granted import Granted
from chalicelib.oauth.token_endpoint.scopes import scopes_of, still_registered
from chalicelib.tokens import rotation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.accounts.rows import Person
    from chalicelib.oauth.grants.rows import Grant
    from chalicelib.oauth.rows import Client
    from chalicelib.tokens.refresh_tokens import RefreshToken


def tokens_for(
    client: Client,
    token: RefreshToken | None,
    grant: Grant | None,
    person: Person | None,
    fields: Mapping[str, str],
) -> Granted:
    """The tokens for a refresh token: one write. `grant` and `person` are the rows that it names.

    The access token may be for fewer scopes, and never for more; the grant keeps all of them. What was taken from the
    client's registration since is left out. Raises TokenRefused.
    """
    refused = TokenRefused("invalid_grant", "the refresh token is unknown, or no longer good")
    if token is None or grant is None or grant["client_id"] != client["client_id"] or "refresh_hash" not in grant:
        raise refused
    if not records.is_live(grant) or not application_tokens.goes_on(grant, client, person):
        raise refused
    assert person is not None
    scopes = scopes_of(fields.get("scope", ""), grant["scopes"]) or list(grant["scopes"])
    registered, resource = model.registered(client), grant.get("resource")
    if client_rules.REFRESH_TOKEN not in registered["grant_types"]:
        raise TokenRefused("unauthorized_client", "the client is no longer registered for this")
    if fields.get("resource", resource) != resource:
        raise TokenRefused("invalid_target", "the grant is not for this resource")
    scopes = still_registered(scopes, resource, registered)
    try:
        successor, present = rotation.exchange(token, grant, replace=grants().replace, end=_end)
    except InvalidToken as reused:
        raise refused from reused
    access = application_tokens.issue(client, present, person, scopes)
    is_openid = client_rules.OPENID in scopes
    return Granted(access, id_tokens.issue(present, person, access) if is_openid else None, str(successor))


def _end(grant: Grant) -> None:
    logs.warning("refresh token used twice", client=grant["client_id"], user_id=grant["user_id"])
    grants().end(grant["id"])
