"""The authorization code grant (RFC 6749, section 4.1.3): a code, used once, becomes a grant and its tokens."""

from __future__ import annotations

import hashlib
import hmac
import re
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.core import clock, ids, logs
from chalicelib.oauth import client_rules, model
from chalicelib.oauth.grants.store import CodeUsed, grants
from chalicelib.oauth.token_endpoint.errors import TokenRefused
from chalicelib.oauth.token_endpoint.first_tokens import first_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.oauth.grants.rows import Code
    from chalicelib.oauth.rows import Client
    from chalicelib.oauth.token_endpoint.granted import Granted

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
"""RFC 7636, section 4.1."""


def tokens_for(client: Client, code: Code | None, fields: Mapping[str, str]) -> Granted:
    """The tokens for a code: one batch read of the session and its person, and one transaction.

    `code` is the row of the code that the fields name. A code that was used before ends what its first use gave: one of
    the two has stolen it. Raises TokenRefused.
    """
    if client_rules.AUTHORIZATION_CODE not in model.registered(client)["grant_types"]:
        raise TokenRefused("unauthorized_client", "the client is not registered for this grant type")
    good = _checked(client, code, fields)
    try:
        return first_tokens(client, good["authorized"], partial(grants().redeem, good))
    except CodeUsed as used:
        logs.warning(
            "authorization code used twice", client=client["client_id"], user_id=good["authorized"]["user_id"]
        )
        raise _no_longer_good() from used


def _checked(client: Client, code: Code | None, fields: Mapping[str, str]) -> Code:
    """The code. Raises TokenRefused where it is not this client's, was used, is too old, or was asked for by somebody
    else."""
    if code is None or code["authorized"]["client_id"] != client["client_id"]:
        raise _no_longer_good()
    if "grant_id" in code:
        grants().end(code["grant_id"])
        logs.warning("authorization code used twice", client=client["client_id"])
        raise _no_longer_good()
    if code["good_until"] <= clock.epoch():
        raise _no_longer_good()
    if fields.get("redirect_uri") != code["redirect_uri"]:
        raise TokenRefused("invalid_grant", "redirect_uri is not the one that the code was asked for with")
    if not _fits(fields.get("code_verifier", ""), code["challenge"]):
        raise TokenRefused("invalid_grant", "code_verifier does not fit the code_challenge")
    if fields.get("resource", code["authorized"].get("resource")) != code["authorized"].get("resource"):
        raise TokenRefused("invalid_target", "the code is not for this resource")
    return code


def _no_longer_good() -> TokenRefused:
    return TokenRefused("invalid_grant", "the code is unknown, or no longer good")


def _fits(verifier: str, challenge: str) -> bool:
    if not _VERIFIER.fullmatch(verifier):
        return False
    return hmac.compare_digest(ids.base64url(hashlib.sha256(verifier.encode()).digest()), challenge)
