"""Signed tokens in their compact form (RFC 7515, section 7.1), made and taken apart. Only what is exactly as we write
it is read."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from chalicelib.core import ids, wire

if TYPE_CHECKING:
    from chalicelib.tokens.signing_keys import SigningKey

COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


def signed(claims: dict[str, Any], key: SigningKey, typ: str) -> str:
    """A token of these claims, signed with the key. `typ` is its media type without `application/`."""
    header = {"alg": key.alg, "kid": key.kid, "typ": typ}
    message = ".".join(ids.base64url(wire.to_json(part).encode()) for part in (header, claims))
    return f"{message}.{ids.base64url(key.sign(message.encode()))}"


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    """The header, the claims and the signature, which is not checked here. Raises ValueError for characters that base64
    ignores, for another encoding of the same bytes, and for parts that are no objects or have a member twice."""
    if not COMPACT.fullmatch(token):
        raise ValueError
    encoded = token.split(".")
    header, claims, signature = (ids.from_base64url(part) for part in encoded)
    if [ids.base64url(part) for part in (header, claims, signature)] != encoded:
        raise ValueError
    return _object(header), _object(claims), signature


def _object(part: bytes) -> dict[str, Any]:
    """A part as JSON in UTF-8. Raises ValueError where it is no object, or has a member twice."""
    document = _DECODER.decode(part.decode())
    if not isinstance(document, dict):
        raise ValueError
    return document


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError
    return members


_DECODER = json.JSONDecoder(object_pairs_hook=_unique)
