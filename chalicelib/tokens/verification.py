"""The claims of a token that we signed. What they have to say is for whoever takes the token (RFC 8725)."""

from __future__ import annotations

from typing import Any

from chalicelib.core import clock
from chalicelib.core.settings import settings
from chalicelib.tokens import jws
from chalicelib.tokens.signing_keys import keyring

HEADER = frozenset({"alg", "kid", "typ"})
"""The members of our tokens' header. It has no others: no key, no URL of a key, no extension."""

SKEW_SECONDS = 5
"""By how many seconds the clocks of two of our processes may differ."""


def signed_claims(token: str, typ: str, limit: int) -> dict[str, Any]:
    """The claims of a token of at most `limit` characters, with a signature by a key of ours.

    The key says the algorithm, not the token, and the header is as we write it. Raises ValueError for any other, and
    for one of another `typ` or another issuer.
    """
    if len(token) > limit:
        raise ValueError("too long")
    try:
        header, claims, signature = jws.parts(token)
    except RecursionError as error:
        raise ValueError("too deep") from error
    if header.keys() != HEADER or header["typ"] != typ or not isinstance(header["kid"], str):
        raise ValueError("another header")
    key = keyring().find(header["kid"])
    if key is None or header["alg"] != key.alg:
        raise ValueError("another key")
    if not key.signed(token.rpartition(".")[0].encode(), signature):
        raise ValueError("another signature")
    if claims.get("iss") != settings().public_url:
        raise ValueError("another issuer")
    return claims


def check_time(claims: dict[str, Any]) -> None:
    """Raises ValueError outside the time of the token's claims, or where one of them is no number."""
    now = clock.epoch()
    times: tuple[Any, ...] = (claims.get("iat"), claims.get("exp"), claims.get("nbf", 0))
    if not all(type(time) is int for time in times):
        raise ValueError("no times")
    issued, expires, not_before = times
    if not (issued <= now + SKEW_SECONDS and not_before <= now + SKEW_SECONDS and now < expires):
        raise ValueError("another time")
