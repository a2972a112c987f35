"""ID tokens (OpenID Connect Core 1.0, section 2), and what scopes tell of a person."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock, ids
from chalicelib.core.settings import settings
from chalicelib.oauth import application_tokens, client_rules
from chalicelib.tokens import jws
from chalicelib.tokens.signing_keys import keyring
from chalicelib.tokens.verification import signed_claims

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.accounts.rows import Person
    from chalicelib.oauth.grants.rows import Grant
    from chalicelib.tokens.access_tokens import Issued

TYPE = "JWT"
"""Another than that of access tokens, so that none counts for the other."""

LENGTH_LIMIT = 8192
"""Characters of a token that is taken back as a hint."""

PROFILE = ("name", "locale", "birthdate")
"""What the scope `profile` tells, by OpenID's names, which are ours."""


@dataclass(frozen=True)
class Hint:
    """Whom an ID token of ours is about."""

    client_id: str
    user_id: str
    session_id: str


def issue(grant: Grant, person: Person, access: Issued, nonce: str | None = None) -> str:
    """An ID token beside this access token. It is good for as long, and tells what the same scopes say."""
    now = clock.epoch()
    claims = {
        "iss": settings().public_url,
        "sub": person["id"],
        "aud": grant["client_id"],
        "azp": grant["client_id"],
        "iat": now,
        "exp": now + access.seconds,
        "auth_time": grant["auth_time"],
        "acr": grant["acr"],
        "amr": grant["amr"],
        "sid": grant["session_id"],
        "at_hash": _half_hash(access.token),
        **about(person, grant, access.scopes),
    }
    if nonce is not None:
        claims["nonce"] = nonce
    return jws.signed(claims, keyring().current(), TYPE)


def about(person: Person, grant: Grant, scopes: Sequence[str]) -> dict[str, Any]:
    """What these scopes tell of a person (OpenID Connect Core 1.0, section 5.4). What they have not given is absent."""
    claims: dict[str, Any] = {}
    if client_rules.EMAIL in scopes and person.get("email"):
        claims |= {"email": person["email"], "email_verified": person.get("email_verified", False)}
    if client_rules.PROFILE in scopes:
        row: dict[str, Any] = {**person}
        claims |= {name: row[name] for name in PROFILE if name in row}
        claims["updated_at"] = int(clock.parse(person["updated_at"]).timestamp())
    if client_rules.ROLES in scopes:
        claims["roles"] = application_tokens.roles_of(grant, person)
    return claims


def hinted(token: str) -> Hint | None:
    """Whom an ID token of ours is about, however old it is, or None for what is none."""
    try:
        claims = signed_claims(token, TYPE, LENGTH_LIMIT)
    except ValueError:
        return None
    texts = [claims.get(name) for name in ("aud", "sub", "sid")]
    if not all(isinstance(text, str) for text in texts):
        return None
    return Hint(*map(str, texts))


def _half_hash(token: str) -> str:
    """OpenID Connect Core 1.0, section 3.1.3.6: both of our algorithms have SHA-256."""
    return ids.base64url(hashlib.sha256(token.encode()).digest()[:16])
