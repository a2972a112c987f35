"""Ory Kratos: the identities of a batch import, `PATCH /admin/identities`.

https://www.ory.com/docs/kratos/manage-identities/import-user-accounts-identities; of hashes Kratos's
hash/hash_comparator.go, and of credentials its identity/handler_import.go, which imports no second factors.
"""

from __future__ import annotations

import binascii
from typing import Any

from chalicelib import passwords
from chalicelib.exports.formats import hashes
from chalicelib.exports.formats.fields import OWN_FIELDS, Fields, FileFormat, json_format, without_empty
from chalicelib.passwords.schemes import digests, phc

SCHEMA = "default"
"""The id of the identity schema, as Kratos's own examples name it."""

ID = "rollcall_id"
"""The member of `metadata_admin` for the id: Kratos gives each identity a new one."""

PBKDF2 = {
    **{name: name for name in ("pbkdf2-sha1", "pbkdf2-sha256", "pbkdf2-sha512")},
    "pbkdf2-sha3-224": "pbkdf2-sha224",
    "pbkdf2-sha3-384": "pbkdf2-sha384",
}
"""Kratos's names: its `sha224` and `sha384` are digests of SHA-3."""
CRYPT = {"md5-crypt": "$1$", "sha256-crypt": "$5$", "sha512-crypt": "$6$"}
SALTED = ("{SSHA}", "{SSHA256}", "{SSHA512}")


def file_format(**_asked: object) -> FileFormat:
    return json_format(_create, b'{"identities":[\n', b"\n]}\n")


def _create(fields: Fields) -> dict[str, Any]:
    email, verified = fields.take("email"), bool(fields.take("email_verified"))
    traits = without_empty({"email": email, "name": fields.take("name")})
    attributes = fields.take_object("attributes")
    if attributes.keys() & {"email", "name"}:
        fields.leave("attributes")
    traits = {**attributes, **traits}
    fields.move(OWN_FIELDS, traits)
    metadata = fields.take_object("metadata")
    fields.move(("roles",), metadata)
    metadata.setdefault(ID, fields.take("id"))
    via_email = {"value": email, "via": "email"}
    status = {"verified": verified, "status": "completed" if verified else "pending"}
    identity = {
        "schema_id": SCHEMA,
        "traits": traits,
        "state": "inactive" if fields.take("status") == "disabled" else "active",
        "metadata_admin": metadata,
    }
    further = {
        "verifiable_addresses": [{**via_email, **status}] if email else [],
        "recovery_addresses": [via_email] if email else [],
        "credentials": _credentials(fields),
    }
    return {"create": {**identity, **without_empty(further)}}


def _credentials(fields: Fields) -> dict[str, Any]:
    stored = fields.take("password_hash")
    hashed = hashed_password(stored) if stored else None
    if stored and hashed is None:
        fields.leave("password_hash", passwords.kind_of(stored))
    providers = [
        {"provider": identity["connection"], "subject": identity["subject"]}
        for identity in fields.take("identities") or ()
    ]
    return {
        **({"password": {"config": {"hashed_password": hashed}}} if hashed else {}),
        **({"oidc": {"config": {"providers": providers}}} if providers else {}),
    }


def hashed_password(stored: str) -> str | None:
    """A hash of ours in Kratos's spelling; None for one that Kratos does not take."""
    kind = passwords.kind_of(stored)
    if kind in {"argon2id", "argon2i", "bcrypt"} or stored.startswith(SALTED):
        return stored
    if kind in CRYPT and stored.startswith(CRYPT[kind]):
        return stored.replace(CRYPT[kind], f"${kind}$", 1)
    if kind not in {"pbkdf2", "scrypt", "firescrypt", "hmac", "md5", "sha1", "sha256", "sha512"}:
        return None
    parts = phc.parse(stored)
    if kind == "pbkdf2":
        return hashes.pbkdf2(parts, PBKDF2[parts.id]) if parts.id in PBKDF2 else None
    if kind == "scrypt":
        cost = {"ln": 2 ** parts.number("ln"), "r": parts.number("r"), "p": parts.number("p")}
        return hashes.with_padding("scrypt", cost, parts.salt, parts.digest)
    if kind == "firescrypt":
        return hashes.with_padding(
            "firescrypt", parts.parameters, parts.salt, parts.digest, b"", hashes.signer_key(parts)
        )
    return _hmac(parts) if kind == "hmac" else _digest(parts)


def _digest(parts: phc.Phc) -> str | None:
    """One digest, by the template in `pf=`, which is padded base64 too."""
    if "pe" in parts.parameters:
        return None
    template = {"pf": hashes.padded(_template(parts))}
    return hashes.with_padding(parts.id, template, parts.salt, parts.digest)


def _hmac(parts: phc.Phc) -> str | None:
    """An HMAC of the password alone: Kratos puts no salt to it, and writes the hash as base64 of hex."""
    alone = _template(parts).replace(b"{SALT}", parts.salt) == b"{PASSWORD}"
    if not alone or "pe" in parts.parameters:
        return None
    key = phc.decoded(parts.parameters["key"])
    return "$".join(["", parts.id, hashes.padded(binascii.hexlify(parts.digest)), hashes.padded(key)])


def _template(parts: phc.Phc) -> bytes:
    return phc.decoded(parts.parameters["pf"]) if "pf" in parts.parameters else digests.SALT_FIRST
