"""Codes and grants: their rows, and their next versions. No AWS here."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from chalicelib.core import clock, ids
from chalicelib.core.aws import records
from chalicelib.core.settings import settings
from chalicelib.oauth import client_rules
from chalicelib.tokens import refresh_tokens

if TYPE_CHECKING:
    from chalicelib.oauth.grants.rows import Authorized, Code, Grant
    from chalicelib.oauth.rows import Registered
    from chalicelib.sessions.rows import Session
    from chalicelib.tokens.refresh_tokens import RefreshToken

CODE_SECONDS = 60
"""How long a code is good. RFC 6749, section 4.1.2, allows ten minutes; a client comes with it at once."""

CODE_KEPT_SECONDS = 24 * 3600
"""How long a code is kept, because the use of a used one ends what its first use gave."""


KEPT_SECONDS = 7 * 86400
"""How long the row of a grant that ends with its session stays after it, good for nothing: its client is told of a
session that expired when DynamoDB's TTL has noticed it, which takes up to a few days:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html"""


def code_id(code: str) -> str:
    return f"code#{ids.digest_of(code)}"


def grant_id(identifier: str) -> str:
    return f"grant#{identifier}"


def new_code(authorized: Authorized, redirect_uri: str, challenge: str) -> tuple[Code, str]:
    """The row of a new code, and the code."""
    code, now = ids.new_secret(), clock.epoch()
    row: Code = {
        "id": code_id(code),
        "schema": records.SCHEMA,
        "authorized": authorized,
        "redirect_uri": redirect_uri,
        "challenge": challenge,
        "good_until": now + CODE_SECONDS,
        "expires_at": now + CODE_KEPT_SECONDS,
    }
    return row, code


def new_grant(
    authorized: Authorized, registered: Registered, session: Session
) -> tuple[Grant, RefreshToken | None]:
    """The row of a new grant, and its first refresh token, where it has one: it is for use without the person, so it
    ends after days of its own. Any other ends with the session."""
    identifier = ids.new_id()
    row = {
        **{name: value for name, value in authorized.items() if name != "nonce"},
        "id": grant_id(identifier),
        "schema": records.SCHEMA,
        "version": 1,
        "created_at": clock.timestamp(),
        "last_used_at": clock.timestamp(),
        "expires_at": session["expires_at"] + KEPT_SECONDS,
        "counter": 0,
    }
    if not is_offline(authorized["scopes"], registered):
        return cast("Grant", row), None
    token = refresh_tokens.first(identifier, authorized["user_id"], "grants")
    row |= {"refresh_hash": token.digest, "expires_at": clock.epoch() + refresh_days(registered) * 86400}
    return cast("Grant", row), token


def refresh_days(registered: Registered) -> int:
    """How many days a grant with a refresh token lasts."""
    return registered.get("refresh_token_days", settings().refresh_token_days)


def is_offline(scopes: list[str], registered: Registered) -> bool:
    """Whether a client gets a refresh token with these scopes."""
    return client_rules.OFFLINE in scopes and client_rules.REFRESH_TOKEN in registered["grant_types"]
