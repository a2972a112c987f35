"""Keycloak: the people of a realm's export, of its users files, and of its admin API.

github.com/keycloak/keycloak: UserRepresentation and CredentialRepresentation in core/.../representations/idm, and
OTPCredentialData in server-spi/.../models/credential/dto. What a client of Microsoft's is told is not what Keycloak's
own provider for it keeps: services/.../social/microsoft/MicrosoftIdentityProvider.java.
"""

from __future__ import annotations

import base64
from functools import partial
from typing import TYPE_CHECKING, Any

from chalicelib.imports.systems.cells import parsed
from chalicelib.imports.systems.claims import take_claims
from chalicelib.imports.systems.federated import Federated, take_identities
from chalicelib.imports.systems.groups import METADATA, groups
from chalicelib.imports.systems.plain import plain_password
from chalicelib.imports.systems.translation import (
    LEFT_BEHIND,
    SystemOptions,
    Translation,
    full_name,
)
from chalicelib.imports.systems.watched import EMPTY, all_of
from chalicelib.passwords import foreign

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SERVICE_ACCOUNT = "serviceAccountClientId"
"""The member of the account of a machine's client, which is no person."""

IN_ATTRIBUTES = {
    **{name: name for name in ("nickname", "picture", "website", "profile", "gender", "zoneinfo", "address")},
    **dict.fromkeys(("phone_number", "phoneNumber", "phone", "mobile"), "phone_number"),
    "locale": "locale",
    "birthdate": "birthdate",
}
"""Attributes that are people's own, by the names of claims that Keycloak's mappers have for them. Whether a person may
edit another one says the realm and not the row, so it is the administrators'."""

KINDS = {"google": "google", "apple": "apple", "github": "github", "microsoft": "microsoft.com"}
"""The kind of connection by an identity provider's alias. Microsoft's has ids of its API, which are no subjects, so
that this is no kind of ours."""

OWN_ROLES = frozenset({"offline_access", "uma_authorization"})
DEFAULT_ROLES = "default-roles-"
OWN_CLIENTS = frozenset(
    {"account", "account-console", "admin-cli", "broker", "realm-management", "security-admin-console"}
)
"""Roles, and the clients with roles, that every realm has."""

OLDER_PASSWORD = "password-history"
BASE32 = "BASE32"
"""The encoding of a secret of codes that is one. Without it, the secret is the bytes of the text itself."""
TOTP = {"subType": "totp", "digits": 6, "period": 30, "algorithm": "HmacSHA1"}
"""The codes that can go on here."""


def person(row: Mapping[str, Any], options: SystemOptions) -> Translation:
    """A person of Keycloak. Their claims become `attributes`, other attributes the administrators' `metadata`."""
    translation = Translation()
    if row.get(SERVICE_ACCOUNT) not in EMPTY:
        translation.nobody = SERVICE_ACCOUNT
    username = row.get("username")
    is_address = isinstance(username, str) and "@" in username
    email = row.get("email") or (username if is_address else None)
    translation.put_id("id", row.get("id"))
    translation.put("email", email)
    is_verified = row.get("emailVerified")  # of the address, and not of a username that looks like one
    translation.put("email_verified", is_verified if email == row.get("email") else None)
    translation.put_name(full_name(None, row.get("firstName"), row.get("lastName")))
    translation.put("status", "disabled" if row.get("enabled") is False else None)
    own, others = _attributes(row.get("attributes"), translation)
    parts = {"given_name": row.get("firstName"), "family_name": row.get("lastName")}
    parts["username"] = None if username in (email, row.get("id")) else username
    translation.merge("attributes", own, parts)
    take_identities(translation, "federatedIdentities", row.get("federatedIdentities"), _federated)
    left_behind = _take_credentials(row.get("credentials"), translation, options)
    kept = list(dict.fromkeys(_groups(row, translation, options)))
    translation.merge("metadata", others, {METADATA: kept, LEFT_BEHIND: left_behind})
    return translation


def _attributes(members: object, translation: Translation) -> tuple[dict[str, Any], dict[str, Any]]:
    """A person's own attributes by the names of claims, and the others. Each is a list; one of one value is that."""
    own: dict[str, Any] = {}
    others: dict[str, Any] = {}
    if members not in EMPTY and not isinstance(members, dict):
        translation.faults.append(("attributes", "must be an object"))
    for name, values in all_of(members).items() if isinstance(members, dict) else ():
        value = values[0] if isinstance(values, list) and len(values) == 1 else values
        claim = IN_ATTRIBUTES.get(name)
        if claim is not None and claim not in own:
            own[claim] = value
        else:
            others[name] = value
    return take_claims(translation, own), others


def _groups(row: Mapping[str, Any], translation: Translation, options: SystemOptions) -> Iterator[str]:
    """What goes to `metadata.groups`: the roles of the realm, groups by their paths, and the roles of clients, each
    behind its client's name."""
    roles = [name for name in _list(row.get("realmRoles")) if not _is_everybodys(name)]
    yield from groups(translation, "realmRoles", roles, options)
    paths = [path.removeprefix("/") if isinstance(path, str) else path for path in _list(row.get("groups"))]
    yield from groups(translation, "groups", paths, options)
    by_client = row.get("clientRoles")
    by_client = by_client if isinstance(by_client, dict) else {}
    for client_id in sorted(by_client.keys() - OWN_CLIENTS):
        names = [f"{client_id}/{role}" for role in _list(by_client[client_id])]
        yield from groups(translation, f"clientRoles.{client_id}", names, options)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_everybodys(role: object) -> bool:
    return isinstance(role, str) and (role in OWN_ROLES or role.startswith(DEFAULT_ROLES))


def _federated(identity: Mapping[str, Any]) -> Federated:
    alias = identity.get("identityProvider")
    kind = KINDS.get(alias, "") if isinstance(alias, str) else ""
    return Federated(alias, identity.get("userId"), kind, identity.get("userName"))


def _take_credentials(credentials: object, translation: Translation, options: SystemOptions) -> list[str]:
    """Put the password and the first TOTP secret into the translation. Returns the names of the factors that are not
    imported."""
    if credentials in EMPTY:
        return []
    if not isinstance(credentials, list) or not all(isinstance(each, dict) for each in credentials):
        translation.faults.append(("credentials", "must be a list of objects"))
        return []
    left_behind: list[str] = []
    for credential in credentials:
        kind = credential.get("type")
        if kind == "password":
            translation.convert("password_hash", partial(_password, credential, options))
        elif kind in ("otp", "totp", "hotp"):
            left_behind += _take_codes(credential, kind, translation)
        elif kind != OLDER_PASSWORD:
            left_behind.append(kind if isinstance(kind, str) else "unknown")
    return sorted(set(left_behind))


def _password(credential: Mapping[str, Any], options: SystemOptions) -> str:
    """The hash of a password; of a plain one, which files have that people write for Keycloak."""
    plain = credential.get("value")
    return foreign.from_keycloak(credential) if plain is None else options.hash_plain(plain_password(plain))


def _take_codes(credential: Mapping[str, Any], kind: str, translation: Translation) -> list[str]:
    """Take the secret of one-time codes, or return the kind of codes that cannot go on here. Before Keycloak 8, what
    `credentialData` and `secretData` have were members of the credential."""
    data, secret = (parsed(credential.get(name, credential)) for name in ("credentialData", "secretData"))
    value = secret.get("value") if isinstance(secret, dict) else None
    if not isinstance(data, dict) or not isinstance(value, str) or not value.isascii():
        translation.faults.append(("credentials", "must have a secret of each one-time code"))
        return []
    settings = {name: data.get(name, usual) for name, usual in {**TOTP, "subType": kind}.items()}
    if settings != {**TOTP, "subType": settings["subType"]} or settings["subType"] not in ("totp", "otp"):
        return [settings["subType"]] if settings["subType"] == "hotp" else ["totp"]
    if "totp_secret" in translation.row:
        return ["totp"]
    is_base32 = data.get("secretEncoding") == BASE32
    translation.put("totp_secret", value if is_base32 else base64.b32encode(value.encode()).decode())
    return []
