"""Keycloak: a partial import of users, `POST /admin/realms/{realm}/partialImport`.

https://www.keycloak.org/docs-api/latest/rest-api/index.html (`PartialImportRepresentation`, `UserRepresentation`); of
hashes Keycloak's Pbkdf2PasswordHashProvider, Argon2PasswordHashProvider and OTPCredentialData.
"""

from __future__ import annotations

import re
from typing import Any

from chalicelib import passwords
from chalicelib.core import wire
from chalicelib.exports.formats import hashes
from chalicelib.exports.formats.fields import OWN_FIELDS, Fields, FileFormat, json_format, without_empty
from chalicelib.passwords.schemes import phc

ID_LIMIT = 36
"""Characters of Keycloak's ids."""
ID = "rollcall_id"
"""The attribute for an id that is longer."""

PBKDF2 = {"pbkdf2-sha1": "pbkdf2", "pbkdf2-sha256": "pbkdf2-sha256", "pbkdf2-sha512": "pbkdf2-sha512"}
_ARGON2 = re.compile(r"\$argon2(id|i|d)\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]+)\$([^$]+)")


def file_format(**_asked: object) -> FileFormat:
    return json_format(_user, b'{"ifResourceExists":"SKIP","users":[\n', b"\n]}\n")


def _user(fields: Fields) -> dict[str, Any]:
    user_id, email = fields.take("id"), fields.take("email")
    attributes = fields.take_object("attributes")
    names = _names(fields.take("name"), attributes)
    fields.move(OWN_FIELDS, attributes)
    metadata = fields.take_object("metadata")
    if attributes.keys() & metadata.keys():
        fields.leave("metadata")
    attributes = {**metadata, **attributes}
    if len(user_id) > ID_LIMIT:
        attributes.setdefault(ID, user_id)
    user = {
        "username": (email or user_id).lower(),
        "enabled": fields.take("status") != "disabled",
        "emailVerified": bool(fields.take("email_verified")),
    }
    optional = {
        "id": user_id if len(user_id) <= ID_LIMIT else None,
        "email": email,
        **names,
        "createdTimestamp": fields.created_milliseconds(),
        "attributes": {name: [_text(value)] for name, value in attributes.items()},
        "realmRoles": fields.take("roles"),
        "federatedIdentities": [
            {
                "identityProvider": identity["connection"],
                "userId": identity["subject"],
                "userName": identity.get("label") or identity["subject"],
            }
            for identity in fields.take("identities") or ()
        ],
        "credentials": [*_password(fields), *_otp(fields)],
    }
    return {**user, **without_empty(optional)}


def _names(name: str | None, attributes: dict[str, Any]) -> dict[str, Any]:
    """The name in Keycloak's two parts: as they came with the person, or else cut at the last blank."""
    first, last = attributes.get("given_name"), attributes.get("family_name")
    if f"{first} {last}" != name:
        head, _, tail = (name or "").rpartition(" ")
        first, last = (head, tail) if head else (tail, "")
    for claim, part in (("given_name", first), ("family_name", last)):
        if attributes.get(claim) == part:
            del attributes[claim]
    return {"firstName": first, "lastName": last}


def _text(value: object) -> str:
    return value if isinstance(value, str) else wire.to_json(value)


def _password(fields: Fields) -> list[dict[str, Any]]:
    stored = fields.take("password_hash")
    if stored is None:
        return []
    credential = password_credential(stored)
    if credential is None:
        fields.leave("password_hash", passwords.kind_of(stored))
        return []
    return [credential]


def password_credential(stored: str) -> dict[str, Any] | None:
    """A hash of ours as a credential of Keycloak; None for one that Keycloak does not take."""
    argon2 = _ARGON2.fullmatch(stored)
    if argon2:
        variant, memory, passes, lanes = argon2.groups()[:4]
        salt, digest = phc.decoded(argon2[5]), phc.decoded(argon2[6])
        parameters = {
            "type": [variant],
            "version": ["1.3"],
            "memory": [memory],
            "parallelism": [lanes],
            "hashLength": [str(len(digest))],
        }
        return _credential("argon2", int(passes), salt, digest, parameters)
    if passwords.kind_of(stored) != "pbkdf2":
        return None
    parts = phc.parse(stored)
    if parts.id not in PBKDF2:
        return None
    return _credential(PBKDF2[parts.id], parts.number("i"), parts.salt, parts.digest, {})


def _credential(
    algorithm: str, iterations: int, salt: bytes, digest: bytes, parameters: dict[str, list[str]]
) -> dict[str, Any]:
    data = {"hashIterations": iterations, "algorithm": algorithm, "additionalParameters": parameters}
    secret = {"value": hashes.padded(digest), "salt": hashes.padded(salt), "additionalParameters": {}}
    return {"type": "password", "secretData": wire.to_json(secret), "credentialData": wire.to_json(data)}


def _otp(fields: Fields) -> list[dict[str, Any]]:
    secret = fields.take("totp_secret")
    if secret is None:
        return []
    data = {"subType": "totp", "digits": 6, "counter": 0, "period": 30, "algorithm": "HmacSHA1"}
    return [
        {
            "type": "otp",
            "secretData": wire.to_json({"value": secret}),
            "credentialData": wire.to_json({**data, "secretEncoding": "BASE32"}),
        }
    ]
