"""Access tokens: JWTs as RFC 9068 has them, verified as RFC 8725 advises. A token that is not exactly as we issue it is
refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chalicelib import accounts
from chalicelib.core import clock, ids, logs, wire
from chalicelib.core.errors import InvalidToken
from chalicelib.core.settings import settings
from chalicelib.tokens import jws
from chalicelib.tokens.signing_keys import keyring
from chalicelib.tokens.verification import check_time, signed_claims

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.accounts.rows import Person

TYPE = "at+jwt"
CLIENT_ID = ids.OWN_CLIENT

CLAIMS = ("iss", "sub", "aud", "client_id", "jti", "exp", "iat")
"""The claims of every token. A person's token has `sid` beside them, that of an OAuth client `credential`."""

METADATA_LIMIT = 1024
"""The most bytes of all claims from a person's `metadata` together, as JSON."""
LENGTH_LIMIT = 8192
"""The most characters of a token. Ours have some 800; with the longest ids, twenty long roles and all of those claims,
fewer than 4,000; those of OAuth clients with the longest audience and all scopes that one may have, fewer than 6,000.
API Gateway takes 10,240 bytes of headers."""


@dataclass(frozen=True)
class Claims:
    """What a token proves: its subject, and the person's session, or the number of the OAuth client's secret. The time
    of issue does not count when two are compared."""

    subject: str
    session_id: str = ""
    credential: int = 0
    issued_at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Issued:
    """A token, and in how many seconds it expires."""

    token: str
    seconds: int
    scopes: Sequence[str] = ()


def issue(person: Person, session_id: str) -> str:
    """A token for this person in this session, valid for `access_token_seconds`."""
    claims = {**_metadata_claims(person), "sid": session_id}
    return _signed(person["id"], CLIENT_ID, person.get("roles", ()), claims)


def issue_to_client(
    client_id: str,
    roles: Sequence[str],
    credential: int,
    *,
    scopes: Sequence[str] = (),
    audience: str | None = None,
    seconds: int | None = None,
) -> Issued:
    """A token for an OAuth client, which signed in by its secret, or set of keys, of the number `credential`. It is for
    our own API unless another audience is named, and valid for `access_token_seconds` unless for so many."""
    seconds = seconds or settings().access_token_seconds
    claims = {"credential": credential, **({"scope": " ".join(scopes)} if scopes else {})}
    token = _signed(client_id, client_id, roles, claims, audience=audience, seconds=seconds)
    return Issued(token, seconds, scopes)


def verify(token: str) -> Claims:
    """The claims of a token that we issued for ourselves and that has not expired. Raises InvalidToken for any
    other."""
    try:
        claims = claims_of(token)
        _check(claims)
        return _claims_from(claims)
    except ValueError as error:
        raise InvalidToken from error


def claims_of(token: str) -> dict[str, Any]:
    """The claims of an access token of ours, whoever has it and for whichever audience, that has not expired. Raises
    ValueError for any other. What each kind has to say is for who takes it to check."""
    claims = signed_claims(token, TYPE, LENGTH_LIMIT)
    check_time(claims)
    return claims


def claims_of_client(token: str) -> dict[str, Any] | None:
    """The claims of a token that an OAuth client got for itself, for whichever audience, and that has not expired; None
    for any other."""
    try:
        claims = claims_of(token)
    except ValueError:
        return None
    return claims if claims["sub"] == claims["client_id"] and type(claims.get("credential")) is int else None


def _signed(
    subject: str,
    client_id: str,
    roles: Sequence[str],
    further: dict[str, Any],
    *,
    audience: str | None = None,
    seconds: int | None = None,
) -> str:
    """A signed token. Its `roles` are for other services, which verify tokens without asking us (RFC 9068, section
    2.2.3.1). We read the roles from the person or the OAuth client instead."""
    now = clock.epoch()
    claims = {
        **further,
        "iss": settings().public_url,
        "sub": subject,
        "aud": audience or settings().public_url,
        "client_id": client_id,
        "jti": ids.new_id(),
        "iat": now,
        "exp": now + (seconds or settings().access_token_seconds),
        **({"roles": list(roles)} if roles else {}),
    }
    return jws.signed(claims, keyring().current(), TYPE)


def _metadata_claims(person: Person) -> dict[str, Any]:
    """The claims that `TOKEN_CLAIMS` takes from the person's metadata: as many as there is room for."""
    room = METADATA_LIMIT
    claims: dict[str, Any] = {}
    omitted = []
    for name, value in accounts.claims_in(person.get("metadata", {})).items():
        size = len(wire.to_json({name: value}).encode())
        if size > room:
            omitted.append(name)
            continue
        claims[name] = value
        room -= size
    if omitted:
        logs.warning("token claims left out", user_id=person["id"], claims=omitted)
    return claims


def _claims_from(claims: dict[str, Any]) -> Claims:
    """The claims of a person's token, whose client is Rollcall and which has a session, or of an OAuth client's, whose
    subject is the client and which has the number of its secret. Raises ValueError for any other."""
    subject, client_id = claims["sub"], claims["client_id"]
    session_id, credential = claims.get("sid"), claims.get("credential")
    if client_id == CLIENT_ID and isinstance(session_id, str) and session_id and credential is None:
        return Claims(subject, session_id, issued_at=claims["iat"])
    if client_id == subject and session_id is None and type(credential) is int:
        return Claims(subject, credential=credential, issued_at=claims["iat"])
    raise ValueError


def _check(claims: dict[str, Any]) -> None:
    """Raise ValueError where a claim that every token has is missing or of another type, and for other audiences."""
    if not claims.keys() >= _REQUIRED or not all(isinstance(claims[name], str) for name in _TEXTS):
        raise ValueError
    if claims["aud"] != settings().public_url:
        raise ValueError


_REQUIRED = frozenset(CLAIMS)
_TEXTS = tuple(name for name in CLAIMS if name not in {"exp", "iat"})
