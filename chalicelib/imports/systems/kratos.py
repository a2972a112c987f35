"""Ory Kratos: identities, as they are listed with credentials, and as they are created one by one or by the batch.

https://www.ory.com/docs/kratos/manage-identities/import-user-accounts-identities
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib import passwords
from chalicelib.imports.systems.translation import (
    LEFT_BEHIND,
    Asked,
    Translation,
    full_name,
    user_id,
)
from chalicelib.passwords import foreign

if TYPE_CHECKING:
    from collections.abc import Mapping

MARKS = frozenset({"traits", "create"})

SECOND_FACTORS = frozenset({"lookup_secret", "webauthn", "passkey", "code"})
"""Credentials that cannot be taken over: a passkey is bound to the origin that it was made for."""

PASSWORD_LIMIT = 256
"""Characters of a password in plain text: as many as anybody may choose here."""


def person(row: Mapping[str, Any], asked: Asked) -> Translation:
    """A person of Kratos. Further traits become `attributes`, both kinds of metadata `metadata`."""
    made = Translation()
    identity = row.get("create", row)
    if not isinstance(identity, dict) or not isinstance(identity.get("traits"), dict):
        made.faults.append(("traits", "must be an object"))
        return made
    traits, credentials = identity["traits"], _object(identity.get("credentials"))
    password = _object(credentials.get("password"))
    email = _at(traits, asked.kratos_email) or _address_in(password.get("identifiers"))
    made.put("id", user_id(identity.get("id")))
    made.put("email", email)
    made.put("email_verified", _is_verified(identity.get("verifiable_addresses"), email))
    made.put("name", _name(_at(traits, asked.kratos_name)))
    made.put("status", "disabled" if identity.get("state") == "inactive" else None)
    used = {asked.kratos_email.partition(".")[0], asked.kratos_name.partition(".")[0]}
    made.merge("attributes", None, {name: value for name, value in traits.items() if name not in used})
    left = sorted(SECOND_FACTORS & credentials.keys())
    metadata = {**_object(identity.get("metadata_public")), **_object(identity.get("metadata_admin"))}
    made.merge("metadata", metadata, {LEFT_BEHIND: left})
    _credentials(_object(password.get("config")), _object(credentials.get("totp")), made)
    return made


def _credentials(password: dict[str, Any], totp: dict[str, Any], made: Translation) -> None:
    if password.get("hashed_password") is not None:
        made.convert("password_hash", lambda: foreign.from_kratos(password["hashed_password"]))
    elif password.get("password") is not None:
        made.convert("password_hash", lambda: _hashed(password["password"]))
    config = _object(totp.get("config"))
    made.put("totp_secret", config.get("totp_url"))


def _hashed(password: object) -> str:
    if not isinstance(password, str) or not 1 <= len(password) <= PASSWORD_LIMIT:
        raise foreign.FieldFault("password", f"must have 1 to {PASSWORD_LIMIT} characters")
    if not password.isprintable():
        raise foreign.FieldFault("password", "holds characters that nobody can type")
    return passwords.hashed(password)


def _name(value: object) -> object:
    """A trait that is the name, or holds its first and last part."""
    return full_name(None, value.get("first"), value.get("last")) if isinstance(value, dict) else value


def _is_verified(addresses: object, email: object) -> bool | None:
    """Whether the address is among the verified ones; None where it is not among those that can be."""
    known = [each for each in addresses if isinstance(each, dict)] if isinstance(addresses, list) else []
    mine = [each for each in known if isinstance(email, str) and str(each.get("value")).lower() == email.lower()]
    return any(each.get("verified") is True for each in mine) if mine else None


def _address_in(identifiers: object) -> object:
    known = identifiers if isinstance(identifiers, list) else []
    return next((each for each in known if isinstance(each, str) and "@" in each), None)


def _at(traits: dict[str, Any], path: str) -> object:
    """What the traits hold under a path of names with dots between."""
    value: Any = traits
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
