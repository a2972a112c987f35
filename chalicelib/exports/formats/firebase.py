"""Firebase Auth: the JSON file of `firebase auth:import`, whose hashes are of one algorithm with the same parameters.

https://firebase.google.com/docs/cli/auth and firebase-tools' src/accountImporter.ts
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from chalicelib import passwords
from chalicelib.core import wire
from chalicelib.core.settings import settings
from chalicelib.exports.formats import hashes as spelling
from chalicelib.exports.formats.fields import Fields, FileFormat, json_format, without_empty
from chalicelib.exports.formats.providers import provider_of
from chalicelib.passwords.schemes import phc

CLAIMS_LIMIT = 1000
"""Characters of all custom claims of a person: https://firebase.google.com/docs/auth/admin/custom-claims."""
RESERVED = frozenset(
    {
        *("acr", "amr", "at_hash", "aud", "auth_time", "azp", "cnf", "c_hash", "exp", "firebase", "iat", "iss"),
        *("jti", "nbf", "nonce", "sub"),
    }
)
"""Names that no custom claim may have."""

PHONE_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
"""E.164, which Firebase insists on."""

SIGNER_KEY_BYTES = 64
ROUNDS_LIMIT = 120_000
PBKDF2_BYTES = 32


def file_format(*, hashes: str, only: bool, **_asked: object) -> FileFormat:
    claims = frozenset(settings().token_claims)
    return json_format(partial(_user, hashes, only, claims), b'{"users":[\n', b"\n]}\n")


def _user(algorithm: str, only: bool, claims: frozenset[str], fields: Fields) -> dict[str, Any] | None:
    password = _password(fields, algorithm)
    if only and not password:
        return None
    attributes = fields.take_object("attributes")
    picture, phone_number = (_text(attributes.pop(name, None)) for name in ("picture", "phone_number"))
    if phone_number and not PHONE_NUMBER.fullmatch(phone_number):
        attributes["phone_number"] = phone_number
    if attributes:
        fields.leave("attributes")
    created_at = fields.created_milliseconds()
    optional = {
        "email": fields.take("email"),
        "displayName": fields.take("name"),
        "photoUrl": picture,
        "phoneNumber": None if "phone_number" in attributes else phone_number,
        "disabled": fields.take("status") == "disabled" or None,
        "createdAt": str(created_at) if created_at else None,
        "customAttributes": _claims(fields, claims),
        "providerUserInfo": _providers(fields),
    }
    verified = bool(fields.take("email_verified"))
    return {"localId": fields.take("id"), "emailVerified": verified, **without_empty(optional), **password}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _claims(fields: Fields, allowed: frozenset[str]) -> str | None:
    """The custom claims: what the tokens of this stage tell of a person too. Whoever has a token reads them, and
    `metadata` is for administrators alone."""
    metadata = fields.take_object("metadata")
    shown = {name: value for name, value in metadata.items() if name in allowed and name not in RESERVED}
    if metadata.keys() - shown.keys():
        fields.leave("metadata")
    fields.move(("roles",), shown)
    text = wire.to_json(shown) if shown else None
    if text and len(text) > CLAIMS_LIMIT:
        fields.leave("metadata")
        return None
    return text


def _providers(fields: Fields) -> list[dict[str, str]]:
    entries = []
    for identity in fields.take("identities") or ():
        provider = provider_of(identity)
        if provider:
            entry = {"providerId": f"{provider}.com", "rawId": identity["subject"]}
            label = identity.get("label", "")
            entries.append({**entry, **({"email": label} if "@" in label else {})})
        else:
            fields.leave("identities")
    return entries


def _password(fields: Fields, asked: str) -> dict[str, str]:
    stored = fields.take("password_hash")
    if stored is None:
        return {}
    algorithm, digest, salt = hash_of(stored)
    if algorithm != asked:
        fields.leave("password_hash", algorithm)
        return {}
    return {"passwordHash": spelling.padded(digest), **({"salt": spelling.padded(salt)} if salt else {})}


def hash_of(stored: str) -> tuple[str, bytes, bytes]:
    """The algorithm of a hash with its parameters, as options of `firebase auth:import`; then the hash, and its salt.
    The name of our kind stands for one that Firebase does not take."""
    kind = passwords.kind_of(stored)
    if kind == "bcrypt":
        return "BCRYPT", stored.encode(), b""
    if kind in {"firescrypt", "scrypt", "pbkdf2"}:
        parts = phc.parse(stored)
        algorithm = _algorithm(kind, parts)
        if algorithm:
            return algorithm, parts.digest, parts.salt
    return kind, b"", b""


def _algorithm(kind: str, parts: phc.Phc) -> str:
    if kind == "firescrypt" and len(parts.digest) == SIGNER_KEY_BYTES and parts.parameters["p"] == "1":
        return f"SCRYPT --rounds={parts.number('r')} --mem-cost={parts.number('ln')}"
    if kind == "scrypt":
        cost = f"--mem-cost={2 ** parts.number('ln')} --parallelization={parts.number('p')}"
        return f"STANDARD_SCRYPT {cost} --block-size={parts.number('r')} --dk-len={len(parts.digest)}"
    if parts.id == "pbkdf2-sha256" and len(parts.digest) == PBKDF2_BYTES and parts.number("i") <= ROUNDS_LIMIT:
        return f"PBKDF2_SHA256 --rounds={parts.number('i')}"
    return ""
