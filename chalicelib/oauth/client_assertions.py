"""Assertions by which a client proves that it has its private key: `private_key_jwt` of OpenID Connect Core 1.0,
section 9, which is a JWT after RFC 7523, section 3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core import clock, ids
from chalicelib.core.settings import settings
from chalicelib.oauth.token_endpoint.errors import ClientRefused
from chalicelib.tokens import jws

if TYPE_CHECKING:
    from chalicelib.oauth.rows import Client

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

LENGTH_LIMIT = 4096
"""Characters of an assertion: some 500 with a signature of 2,048 bits."""

SKEW_SECONDS = 60
"""By how much the clocks of a client and ours may differ."""

LONGEST_SECONDS = 3600
"""How long an assertion may be good."""

REMEMBERED_SECONDS = LONGEST_SECONDS + 2 * SKEW_SECONDS
"""For how long a used one is remembered: for no shorter than it could be good."""

ENDPOINTS = ("/oauth2/token", "/oauth2/par", "/oauth2/device", "/oauth2/introspect", "/oauth2/revoke")
"""An assertion may name one of these in place of us (RFC 9126, section 2)."""

ALGORITHMS = {"RSA": ("RS256", "PS256"), "EC": ("ES256",)}
"""That a key may sign with, by its kind."""


def subject_of(assertion: str) -> str:
    """The client that an assertion says it is of. Nothing is verified. Raises ClientRefused where it is none."""
    _, claims = _parts(assertion)
    if not _is_name(claims.get("sub")):
        raise ClientRefused
    return str(claims["sub"])


def id_of(assertion: str) -> str:
    """A digest of the assertion's client and `jti`: no other of this client has the same."""
    _, claims = _parts(assertion)
    return ids.digest_of(f"{claims.get('sub')} {claims.get('jti')}")


def holds(assertion: str, client: Client) -> bool:
    """Whether a key of the client signed the assertion, for us, and for now."""
    header, claims = _parts(assertion)
    key = _key(header, client)
    return (
        key is not None and _is_signed(assertion, key, header["alg"]) and _is_for_us(claims, client["client_id"])
    )


def _key(header: dict[str, Any], client: Client) -> dict[str, Any] | None:
    """The key that the header names. It may name none where the client has one alone. The key says which algorithms
    may be, not the header."""
    keys = client["jwks"]["keys"]
    kid = header.get("kid", keys[0].get("kid") if len(keys) == 1 else None)
    key = next((each for each in keys if each.get("kid") == kid), None)
    if key is None or "crit" in header:
        return None
    alg = header.get("alg")
    return key if alg in ALGORITHMS[key["kty"]] and (key.get("alg") or alg) == alg else None


def _is_signed(assertion: str, key: dict[str, Any], alg: str) -> bool:
    import jwt

    unchecked: Any = dict.fromkeys(("verify_exp", "verify_nbf", "verify_iat", "verify_aud", "verify_iss"), False)
    try:
        jwt.decode(assertion, jwt.PyJWK(key, alg), algorithms=[alg], options=unchecked)
    except (jwt.PyJWTError, ValueError):
        return False
    return True


def _is_for_us(claims: dict[str, Any], client_id: str) -> bool:
    """RFC 7523, section 3. The audience is ours alone, so that nobody else whom the client trusts can use what it sent
    them."""
    issuer, now = settings().public_url, clock.epoch()
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    times = [claims.get("exp"), claims.get("iat", now), claims.get("nbf", now)]
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        return False
    if len(audiences) != 1 or audiences[0] not in [issuer, *(f"{issuer}{path}" for path in ENDPOINTS)]:
        return False
    if not _is_name(claims.get("jti")):
        return False
    if not all(type(time) in {int, float} for time in times):
        return False
    expires, issued, not_before = times
    is_begun = max(issued, not_before) <= now + SKEW_SECONDS
    return bool(is_begun and now - SKEW_SECONDS < expires <= now + LONGEST_SECONDS + SKEW_SECONDS)


def _is_name(claim: Any) -> bool:
    """Whether a claim is a text by which something is found. Half a surrogate pair, which JSON can hold, is none."""
    return isinstance(claim, str) and 0 < len(claim) <= 256 and claim.isprintable()


def _parts(assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
    if len(assertion) > LENGTH_LIMIT:
        raise ClientRefused
    try:
        header, claims, _ = jws.parts(assertion)
    except (ValueError, RecursionError) as error:
        raise ClientRefused from error
    return header, claims
