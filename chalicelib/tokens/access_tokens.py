"""Access tokens: JWTs after RFC 9068, checked after RFC 8725. What is in doubt is refused."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chalicelib import accounts
from chalicelib.core import clock, ids, logs, wire
from chalicelib.core.errors import InvalidToken
from chalicelib.core.settings import settings
from chalicelib.tokens.signing_keys import keyring

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.core.aws.dynamo import Item

TYPE = "at+jwt"
CLIENT_ID = ids.OWN_CLIENT

HEADER = frozenset({"alg", "kid", "typ"})
"""What a header of ours holds, and nothing else: no key, no address of one, no extension."""
CLAIMS = ("iss", "sub", "aud", "client_id", "jti", "exp", "iat")
"""What every token says. A person's has `sid` beside it, a machine's `credential`."""

METADATA_LIMIT = 1024
"""Bytes that claims from a person's `metadata` may take up together, as JSON."""
LENGTH_LIMIT = 4096
"""Characters. Ours have some 800; the longest ids, twenty long roles and all of those claims make below 4,000."""

COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
"""The compact form of a signed token (RFC 7515, section 7.1)."""


@dataclass(frozen=True)
class Claims:
    """What a token says: whose it is, and of which session, or for a machine, got by which of its secrets. Tokens of
    two moments say the same."""

    subject: str
    session_id: str = ""
    credential: int = 0
    issued_at: int = field(default=0, compare=False)


def issue(person: Item, session_id: str) -> str:
    """A token for this person in this session, good for `access_token_seconds`."""
    return _signed(person["id"], CLIENT_ID, person.get("roles", ()), {**_configured(person), "sid": session_id})


def issue_to_client(client_id: str, roles: Sequence[str], credential: int) -> str:
    """A token for a machine, which proved who it is by its secret of that number."""
    return _signed(client_id, client_id, roles, {"credential": credential})


def verify(token: str) -> Claims:
    """What a token says, if we made it for ourselves and its time has not run out. Raises InvalidToken."""
    import jwt

    if len(token) > LENGTH_LIMIT:
        raise InvalidToken
    try:
        return _said(_verified(token))
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise InvalidToken from error


def _signed(subject: str, client_id: str, roles: Sequence[str], further: dict[str, Any]) -> str:
    """`roles` are for others, who check tokens without asking us (RFC 9068, section 2.2.3.1): here they are read
    with the person or the machine."""
    import jwt

    key, now = keyring().current(), clock.epoch()
    claims = {
        **further,
        "iss": settings().public_url,
        "sub": subject,
        "aud": settings().public_url,
        "client_id": client_id,
        "jti": ids.new_id(),
        "iat": now,
        "exp": now + settings().access_token_seconds,
        **({"roles": list(roles)} if roles else {}),
    }
    return jwt.encode(claims, key.private, algorithm=key.alg, headers={"typ": TYPE, "kid": key.kid})


def _configured(person: Item) -> dict[str, Any]:
    """The claims that `TOKEN_CLAIMS` takes from the person's metadata: as many as there is room for."""
    room = METADATA_LIMIT
    claims: dict[str, Any] = {}
    left_out = []
    for name, value in accounts.claims_in(person.get("metadata", {})).items():
        size = len(wire.to_json({name: value}))
        if size > room:
            left_out.append(name)
            continue
        claims[name] = value
        room -= size
    if left_out:
        logs.warning("token claims left out", user_id=person["id"], claims=left_out)
    return claims


def _verified(token: str) -> dict[str, Any]:
    import jwt

    header = _header(token)
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
    return claims


def _header(token: str) -> dict[str, Any]:
    """The header. Raises ValueError for a token that is not written as it must be, which PyJWT lets pass: with
    other characters between those that count, other spellings of the same bytes, a member that is there twice."""
    if not COMPACT.fullmatch(token):
        raise ValueError
    parts = [(part, ids.from_base64url(part)) for part in token.split(".")]
    if any(ids.base64url(decoded) != part for part, decoded in parts):
        raise ValueError
    header, _ = [json.loads(decoded, object_pairs_hook=_unique) for _, decoded in parts[:2]]
    if not isinstance(header, dict):
        raise ValueError
    return header


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError
    return members


def _said(claims: dict[str, Any]) -> Claims:
    """A person's token names Rollcall and a session, a machine's itself and its secret. Raises ValueError."""
    subject, client_id = claims["sub"], claims["client_id"]
    session_id, credential = claims.get("sid"), claims.get("credential")
    if client_id == CLIENT_ID and isinstance(session_id, str) and session_id and credential is None:
        return Claims(subject, session_id, issued_at=claims["iat"])
    if client_id == subject and session_id is None and type(credential) is int:
        return Claims(subject, credential=credential, issued_at=claims["iat"])
    raise ValueError


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
