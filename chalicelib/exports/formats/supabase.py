"""Supabase: rows of `auth.users` as CSV, with `identities` and `mfa_factors` beside them, which the script in
docs/moving/supabase.sql puts into tables of their own.

https://github.com/supabase/auth: migrations/ for the tables, internal/crypto/password.go for the hashes
"""

from __future__ import annotations

import csv
import io
import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

from chalicelib import passwords
from chalicelib.core import clock, wire
from chalicelib.core.settings import settings
from chalicelib.exports.formats import hashes
from chalicelib.exports.formats.fields import OWN_FIELDS, Fields, FileFormat
from chalicelib.exports.formats.providers import provider_of
from chalicelib.passwords.schemes import phc

if TYPE_CHECKING:
    from collections.abc import Iterable

COLUMNS = (
    *("id", "email", "encrypted_password", "email_confirmed_at", "raw_app_meta_data", "raw_user_meta_data"),
    *("banned_until", "created_at", "identities", "mfa_factors"),
)
BANNED_UNTIL = "9999-12-31T00:00:00Z"
"""For who is disabled: Supabase bans until a time."""

ID = "rollcall_id"
"""The member of `raw_app_meta_data` for an id that is no UUID."""
NAMESPACE = uuid.UUID("8f6a1c52-0d5b-5b7e-9b0a-6d1f3f6f6a10")
"""For the UUIDs (version 5) of such ids, so that each export gives a person the same one."""

HASH_LIMIT = 255
"""Characters of `encrypted_password`."""

AS_STORED = frozenset({"bcrypt", "argon2id", "argon2i"})


def file_format(**_asked: object) -> FileFormat:
    return FileFormat(partial(_piece, frozenset(settings().token_claims)), head=_line(COLUMNS))


def _piece(claims: frozenset[str], fields: Fields) -> bytes:
    user_id, name, email = (fields.take(each) for each in ("id", "name", "email"))
    created_at = fields.created_at or clock.timestamp()
    uuid_of_id = _uuid(user_id)
    attributes = fields.take_object("attributes")
    fields.move(OWN_FIELDS, attributes)
    if name and attributes.setdefault("name", name) != name:
        fields.leave("attributes")
        attributes["name"] = name
    identities, factors = _identities(fields), _factors(fields)
    row = {
        "id": uuid_of_id,
        "email": email,
        "encrypted_password": _password(fields),
        "email_confirmed_at": created_at if fields.take("email_verified") else None,
        "raw_app_meta_data": _json(_app_meta_data(user_id, uuid_of_id, claims, fields), fields, "metadata"),
        "raw_user_meta_data": _json(attributes, fields, "attributes"),
        "banned_until": BANNED_UNTIL if fields.take("status") == "disabled" else None,
        "created_at": created_at,
        "identities": wire.to_json(identities) if identities else None,
        "mfa_factors": wire.to_json(factors) if factors else None,
    }
    return _line(row.get(column) for column in COLUMNS)


def _uuid(user_id: str) -> str:
    """The id as Supabase's own are: a UUID as it is, and another id's of its own."""
    try:
        return str(uuid.UUID(user_id))
    except ValueError:
        return str(uuid.uuid5(NAMESPACE, user_id))


def _app_meta_data(user_id: str, uuid_of_id: str, claims: frozenset[str], fields: Fields) -> dict[str, Any]:
    """What the tokens of this stage tell of a person too: Supabase's tokens tell all of `app_metadata`, and `metadata`
    is for administrators alone."""
    metadata = fields.take_object("metadata")
    shown = {name: value for name, value in metadata.items() if name in claims}
    if metadata.keys() - shown.keys():
        fields.leave("metadata")
    fields.move(("roles",), shown)
    return shown if user_id == uuid_of_id else {**shown, ID: user_id}


def _identities(fields: Fields) -> list[dict[str, Any]]:
    """The identities in the form of Supabase's API."""
    entries = []
    for identity in fields.take("identities") or ():
        provider = provider_of(identity)
        if not provider:
            fields.leave("identities")
            continue
        data = {"sub": identity["subject"]}
        if "@" in identity.get("label", ""):
            data["email"] = identity["label"]
        entries.append({"provider": provider, "provider_id": identity["subject"], "identity_data": data})
    return entries


def _factors(fields: Fields) -> list[dict[str, str]]:
    secret = fields.take("totp_secret")
    totp = {"friendly_name": "authenticator", "factor_type": "totp", "status": "verified"}
    return [{**totp, "secret": secret}] if secret else []


def _password(fields: Fields) -> str | None:
    stored = fields.take("password_hash")
    hashed = encrypted_password(stored) if stored else None
    if stored and (hashed is None or len(hashed) > HASH_LIMIT):
        fields.leave("password_hash", passwords.kind_of(stored))
        return None
    return hashed


def encrypted_password(stored: str) -> str | None:
    """A hash of ours in Supabase's spelling; None for one that Supabase does not take."""
    kind = passwords.kind_of(stored)
    if kind in AS_STORED:
        return stored
    if kind != "firescrypt":
        return None
    parts = phc.parse(stored)
    cost = {"v": 1, "n": parts.number("ln"), "r": parts.number("r"), "p": parts.number("p")}
    signed = {**cost, "sk": hashes.padded(hashes.signer_key(parts))}
    return hashes.with_padding("fbscrypt", signed, parts.salt, parts.digest)


def _json(document: dict[str, Any], fields: Fields, source: str) -> str:
    """The members that PostgreSQL takes: its `jsonb` has no zero bytes and no halves of surrogate pairs."""
    kept = {name: value for name, value in document.items() if _is_storable([name, value])}
    if len(kept) < len(document):
        fields.leave(source)
    return wire.to_json(kept)


def _is_storable(value: object) -> bool:
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, dict):
        return all(map(_is_storable, value)) and all(map(_is_storable, value.values()))
    return all(map(_is_storable, value)) if isinstance(value, list) else True


def _line(values: Iterable[str | None]) -> bytes:
    row = io.StringIO()
    csv.writer(row).writerow(["" if value is None else value for value in values])
    return row.getvalue().encode()
