"""The authorization code grant (RFC 6749, section 4.1.3): a code, used once, becomes a grant and its tokens."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING

from chalicelib.core import clock, ids, logs
from chalicelib.oauth import application_tokens, client_rules, consents, id_tokens, model
from chalicelib.oauth.grants.model import new_grant
from chalicelib.oauth.grants.store import CodeUsed, grants
from chalicelib.oauth.token_endpoint.errors import TokenRefused
from chalicelib.oauth.token_endpoint.granted import Granted
from chalicelib.sessions import sessions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.oauth.grants.rows import Code
    from chalicelib.oauth.rows import Client

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
"""RFC 7636, section 4.1."""


def tokens_for(client: Client, code: Code | None, fields: Mapping[str, str]) -> Granted:
    """The tokens for a code: one batch read of the session and its person, and one transaction.

    `code` is the row of the code that the fields name. A code that was used before ends what its first use gave: one of
    the two has stolen it. Raises TokenRefused.
    """
    registered = model.registered(client)
    if client_rules.AUTHORIZATION_CODE not in registered["grant_types"]:
        raise TokenRefused("unauthorized_client", "the client is not registered for this grant type")
    _check(client, code, fields)
    assert code is not None
    authorized = code["authorized"]
    pair = sessions().find_with_person(authorized["session_id"], authorized["user_id"])
    if pair is None:
        raise TokenRefused("invalid_grant", "the person has signed out")
    session, person = pair
    grant, refresh_token = new_grant(authorized, registered, session)
    if not consents.still_allowed(person, client, grant):
        raise TokenRefused("invalid_grant", "the person does not allow it any more")
    try:
        grants().redeem(code, grant)
    except CodeUsed as used:
        logs.warning("authorization code used twice", client=client["client_id"], user_id=person["id"])
        raise TokenRefused("invalid_grant", "the code is unknown, or no longer good") from used
    access = application_tokens.issue(client, grant, person)
    is_openid = client_rules.OPENID in grant["scopes"]
    return Granted(
        access,
        id_tokens.issue(grant, person, access, authorized.get("nonce")) if is_openid else None,
        str(refresh_token) if refresh_token else None,
    )


def _check(client: Client, code: Code | None, fields: Mapping[str, str]) -> None:
    """Raises TokenRefused where the code is not this client's, was used, is too old, or was asked for by somebody
    else."""
    if code is None or code["authorized"]["client_id"] != client["client_id"]:
        raise TokenRefused("invalid_grant", "the code is unknown, or no longer good")
    if "grant_id" in code:
        grants().end(code["grant_id"])
        logs.warning("authorization code used twice", client=client["client_id"])
        raise TokenRefused("invalid_grant", "the code is unknown, or no longer good")
    if code["good_until"] <= clock.epoch():
        raise TokenRefused("invalid_grant", "the code is unknown, or no longer good")
    if fields.get("redirect_uri") != code.get("redirect_uri"):
        raise TokenRefused("invalid_grant", "redirect_uri is not the one that the code was asked for with")
    if not _fits(fields.get("code_verifier", ""), code["challenge"]):
        raise TokenRefused("invalid_grant", "code_verifier does not fit the code_challenge")
    if fields.get("resource", code["authorized"].get("resource")) != code["authorized"].get("resource"):
        raise TokenRefused("invalid_target", "the code is not for this resource")


def _fits(verifier: str, challenge: str) -> bool:
    if not _VERIFIER.fullmatch(verifier):
        return False
    return hmac.compare_digest(ids.base64url(hashlib.sha256(verifier.encode()).digest()), challenge)
