"""Access tokens: JWTs after RFC 9068, checked after RFC 8725. What is in doubt is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock, ids
from chalicelib.core.errors import Unauthenticated
from chalicelib.core.settings import settings
from chalicelib.sessions.keys import keyring

if TYPE_CHECKING:
    from chalicelib.core.dynamo import Item

TYPE = "at+jwt"
CLIENT_ID = "rollcall"
"""RFC 9068 wants to know which client asked; those who sign in themselves ask through Rollcall's own."""

HEADER = frozenset({"alg", "kid", "typ"})
"""What a header of ours holds, and nothing else: no key, no address of one, no extension."""
CLAIMS = ("iss", "sub", "aud", "client_id", "jti", "exp", "iat", "sid")

LENGTH_LIMIT = 2048
"""Characters. Ours have some 800, with the longest ids below 1,500."""


@dataclass(frozen=True)
class Claims:
    """What a token says: whose it is, and of which session."""

    user_id: str
    session_id: str


def issue(person: Item, session_id: str) -> str:
    """A token for this person in this session, good for `access_token_seconds`."""
    import jwt

    key, now = keyring().current(), clock.epoch()
    claims = {
        "iss": settings().public_url,
        "sub": person["id"],
        "aud": settings().public_url,
        "client_id": CLIENT_ID,
        "jti": ids.new_id(),
        "iat": now,
        "exp": now + settings().access_token_seconds,
        "sid": session_id,
    }
    return jwt.encode(claims, key.private, algorithm=key.alg, headers={"typ": TYPE, "kid": key.kid})


def verify(token: str) -> Claims:
    """What a token says, if we made it for ourselves and its time has not run out. Raises Unauthenticated."""
    import jwt

    if len(token) > LENGTH_LIMIT:
        raise refused()
    try:
        claims = _verified(token)
    except (jwt.PyJWTError, ValueError) as error:
        raise refused() from error
    return Claims(claims["sub"], claims["sid"])


def refused() -> Unauthenticated:
    """One answer to every token that does not hold, whatever is wrong with it."""
    return Unauthenticated(
        "the token does not hold, or no longer", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}
    )


def _verified(token: str) -> dict[str, Any]:
    import jwt

    header = jwt.get_unverified_header(token)
    if header.keys() != HEADER or header["typ"] != TYPE:
        raise jwt.InvalidTokenError
    key = keyring().find(header["kid"])
    if key is None:
        raise jwt.InvalidTokenError
    expected = settings().public_url
    claims: dict[str, Any] = jwt.decode(
        token,
        key.public,
        algorithms=[key.alg],
        audience=expected,
        issuer=expected,
        options={
            "require": list(CLAIMS),
            "strict_aud": True,
            "verify_exp": False,
            "verify_iat": False,
            "verify_nbf": False,
        },
    )
    _check_times(claims)
    if not (isinstance(claims["sid"], str) and claims["client_id"] == CLIENT_ID):
        raise jwt.InvalidTokenError
    return claims


def _check_times(claims: dict[str, Any]) -> None:
    """PyJWT's own checks ask the system's clock, and tests hold ours."""
    import jwt

    now = clock.epoch()
    times = [claims["iat"], claims["exp"], claims.get("nbf", 0)]
    if not all(type(time) is int for time in times):
        raise jwt.InvalidTokenError
    issued, expires, not_before = times
    if not (issued <= now + _SKEW_SECONDS and not_before <= now + _SKEW_SECONDS and now < expires):
        raise jwt.InvalidTokenError


_SKEW_SECONDS = 5
"""Two machines of ours may differ by so much."""
