"""Auth0: the array of a bulk user import.

https://auth0.com/docs/manage-users/user-migration/bulk-user-import-schema
"""

from __future__ import annotations

from typing import Any

from chalicelib import passwords
from chalicelib.exports.formats import hashes
from chalicelib.exports.formats.fields import (
    OWN_FIELDS,
    Fields,
    FileFormat,
    Unfit,
    json_format,
    without_empty,
)
from chalicelib.passwords.schemes import digests, phc

PREFIX = "auth0|"
"""What Auth0 itself puts before each `user_id`."""

IN_PROFILE = ("given_name", "family_name", "nickname", "picture")
"""Members of `attributes` that are fields of Auth0's profile."""

RESERVED = frozenset(
    {
        *("__tenant", "_id", "blocked", "clientID", "created_at", "email", "email_verified", "globalClientID"),
        *("global_client_id", "identities", "lastIP", "lastLogin", "loginsCount", "metadata", "multifactor"),
        *("multifactor_last_modified", "updated_at", "user_id"),
    }
)
"""Members that Auth0 refuses in `app_metadata`."""

PLAIN_BCRYPT = ("$2a$10$", "$2b$10$")
"""What `password_hash` may be; other hashes are a `custom_password_hash`."""

POSITIONS = {b"{SALT}{PASSWORD}": "prefix", b"{PASSWORD}{SALT}": "suffix"}
DIGESTS = frozenset({"md4", "md5", "sha1", "sha256", "sha512"})


def file_format(**_asked: object) -> FileFormat:
    return json_format(_person, b"[\n", b"\n]\n")


def _person(fields: Fields) -> dict[str, Any]:
    email = fields.take("email")
    if not email:
        raise Unfit("person (no email address)")
    attributes, metadata = fields.take_object("attributes"), fields.take_object("metadata")
    profile = {name: attributes.pop(name) for name in IN_PROFILE if _is_text(attributes.get(name))}
    fields.move(OWN_FIELDS, attributes)
    fields.move(("roles",), metadata)
    if RESERVED & metadata.keys():
        fields.leave("metadata")
    app_metadata = {name: value for name, value in metadata.items() if name not in RESERVED}
    return {
        "email": email,
        "email_verified": bool(fields.take("email_verified")),
        **without_empty(
            {
                "user_id": fields.take("id").removeprefix(PREFIX),
                "name": fields.take("name"),
                **profile,
                "blocked": fields.take("status") == "disabled" or None,
                "user_metadata": attributes,
                "app_metadata": app_metadata,
                **_password(fields),
                "mfa_factors": _factors(fields),
            }
        ),
    }


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _factors(fields: Fields) -> list[dict[str, Any]]:
    secret = fields.take("totp_secret")
    return [{"totp": {"secret": secret.rstrip("=")}}] if secret else []


def _password(fields: Fields) -> dict[str, Any]:
    stored = fields.take("password_hash")
    if stored is None:
        return {}
    if stored.startswith(PLAIN_BCRYPT):
        return {"password_hash": stored}
    custom = custom_password_hash(stored)
    if custom is None:
        fields.leave("password_hash", passwords.kind_of(stored))
        return {}
    return {"custom_password_hash": custom}


def custom_password_hash(stored: str) -> dict[str, Any] | None:
    """A hash of ours as Auth0 writes it; None for one that Auth0 does not take."""
    kind = passwords.kind_of(stored)
    if kind.startswith("argon2"):
        return _whole("argon2", stored)
    if kind == "bcrypt":
        return _whole("bcrypt", stored.replace("$2y$", "$2b$", 1))
    if kind == "ldap":
        return _whole("ldap", stored)
    if kind == "pbkdf2":
        parts = phc.parse(stored)
        return None if "sha3" in parts.id else _whole("pbkdf2", hashes.pbkdf2(parts, parts.id))
    if kind == "scrypt":
        return _scrypt(phc.parse(stored))
    if kind in DIGESTS:
        return _digest(kind, phc.parse(stored))
    return _digest("hmac", phc.parse(stored)) if kind == "hmac" else None


def _whole(algorithm: str, text: str) -> dict[str, Any]:
    return {"algorithm": algorithm, "hash": {"value": text, "encoding": "utf8"}}


def _scrypt(parts: phc.Phc) -> dict[str, Any]:
    return {
        "algorithm": "scrypt",
        "hash": _base64(parts.digest),
        "salt": _base64(parts.salt),
        "keylen": len(parts.digest),
        "cost": 2 ** parts.number("ln"),
        "blockSize": parts.number("r"),
        "parallelization": parts.number("p"),
    }


def _digest(algorithm: str, parts: phc.Phc) -> dict[str, Any] | None:
    """One digest or HMAC of salt and password; None for another order of these."""
    template = phc.decoded(parts.parameters["pf"]) if "pf" in parts.parameters else digests.SALT_FIRST
    position = POSITIONS.get(template)
    if position is None and not (template == b"{PASSWORD}" and not parts.salt):
        return None
    custom: dict[str, Any] = {"algorithm": algorithm, "hash": _base64(parts.digest)}
    if algorithm == "hmac":
        key = _base64(phc.decoded(parts.parameters["key"]))
        custom["hash"] = {**custom["hash"], "digest": parts.id.removeprefix("hmac-"), "key": key}
    if parts.salt:
        custom["salt"] = {**_base64(parts.salt), "position": position}
    if "pe" in parts.parameters:
        custom["password"] = {"encoding": parts.parameters["pe"]}
    return custom


def _base64(value: bytes) -> dict[str, str]:
    return {"value": hashes.padded(value), "encoding": "base64"}
