"""What a person allowed becomes a grant, and its first tokens: whether the client brought a code, or asked for a
device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.oauth import application_tokens, client_rules, consents, id_tokens, model
from chalicelib.oauth.grants.model import new_grant
from chalicelib.oauth.token_endpoint.errors import TokenRefused
from chalicelib.oauth.token_endpoint.granted import Granted
from chalicelib.oauth.token_endpoint.scopes import still_registered
from chalicelib.sessions import sessions

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.oauth.grants.rows import Authorized, Grant
    from chalicelib.oauth.rows import Client


def first_tokens(client: Client, authorized: Authorized, redeem: Callable[[Grant], None]) -> Granted:
    """The tokens for what a person allowed: one batch read of the session and the person, and what `redeem` takes,
    which stores the grant.

    What was taken from the client's registration since is left out. Raises TokenRefused, also where the person has
    signed out or revoked it, and what `redeem` raises.
    """
    registered = model.registered(client)
    scopes = still_registered(authorized["scopes"], authorized.get("resource"), registered)
    pair = sessions().find_with_person(authorized["session_id"], authorized["user_id"])
    if pair is None:
        raise TokenRefused("invalid_grant", "the person has signed out")
    session, person = pair
    grant, refresh_token = new_grant({**authorized, "scopes": scopes}, registered, session)
    if not consents.still_allowed(person, client, grant):
        raise TokenRefused("invalid_grant", "the person does not allow it any more")
    redeem(grant)
    access = application_tokens.issue(client, grant, person)
    is_openid = client_rules.OPENID in scopes
    return Granted(
        access,
        id_tokens.issue(grant, person, access, authorized.get("nonce")) if is_openid else None,
        str(refresh_token) if refresh_token else None,
    )
