"""Auth0: the rows of its bulk import, of its export jobs, and of the exports with hashes that its support gives out.
These have MongoDB's ids, and other names of members.

https://auth0.com/docs/manage-users/user-migration/bulk-user-import-database-schema-and-examples
https://auth0.com/docs/troubleshoot/customer-support/manage-subscriptions/export-data
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.imports.systems.federated import OBJECT_ID, SAML, Federated, take_identities
from chalicelib.imports.systems.translation import (
    LEFT_BEHIND,
    SystemOptions,
    Translation,
    full_name,
)
from chalicelib.imports.systems.watched import all_of
from chalicelib.passwords import foreign

if TYPE_CHECKING:
    from collections.abc import Mapping

IN_ATTRIBUTES = ("username", "given_name", "family_name", "nickname", "picture")
KINDS = {
    "google-oauth2": "google",
    "apple": "apple",
    "github": "github",
    "waad": "microsoft",
    "google-apps": "google-apps",
    "windowslive": "windowslive",
    "samlp": SAML,
    "pingfederate": SAML,
    "adfs": SAML,
    "ad": SAML,
}
"""The kind of connection by `provider`. Of those that are no kind of ours, the ids are not what the provider tells an
OpenID Connect client: an address, for example. Providers without a kind are known by the connection's name."""
OWN_PROVIDERS = frozenset({"auth0", "email", "sms"})
"""Auth0's own database and codes."""

FACTORS_LIMIT = 10
"""Of one person: Auth0's own limit."""


def person(row: Mapping[str, Any], _options: SystemOptions) -> Translation:
    """A person of Auth0. `user_metadata` becomes their `attributes`, `app_metadata` the administrators' `metadata`."""
    translation = Translation()
    translation.put_id("user_id", row.get("user_id") or _user_id_of(row.get("_id")))
    translation.put("email", row.get("email"))
    translation.put("email_verified", row.get("email_verified"))
    translation.put_name(full_name(row.get("name"), row.get("given_name"), row.get("family_name")))
    translation.put("status", "disabled" if row.get("blocked") is True else None)
    translation.merge("attributes", row.get("user_metadata"), {name: row.get(name) for name in IN_ATTRIBUTES})
    take_identities(translation, "identities", row.get("identities"), _federated)
    left_behind = _take_factors(row.get("mfa_factors"), translation)
    translation.merge("metadata", row.get("app_metadata"), {LEFT_BEHIND: left_behind})
    password_hash = row.get("password_hash", row.get("passwordHash"))
    if password_hash is not None and row.get("custom_password_hash") is not None:
        translation.faults.append(("custom_password_hash", "excludes password_hash"))
    elif row.get("custom_password_hash") is not None:
        translation.convert("password_hash", lambda: foreign.from_auth0(row["custom_password_hash"]))
    else:
        translation.put("password_hash", password_hash)
    return translation


def _user_id_of(database_id: object) -> object:
    """The user id that Auth0 makes from an id of its database, `{"$oid": …}`; None where it is no such id."""
    number = database_id.get("$oid") if isinstance(database_id, dict) else None
    return f"auth0|{number}" if isinstance(number, str) else None


def _federated(identity: Mapping[str, Any]) -> Federated | None:
    """An identity. Of some connections the id begins with the connection's name: `corp|…`."""
    provider, connection, subject = (identity.get(name) for name in ("provider", "connection", "user_id"))
    if isinstance(provider, str) and provider in OWN_PROVIDERS:
        return None
    if isinstance(subject, str) and isinstance(connection, str):
        subject = subject.removeprefix(f"{connection}|")
    profile = identity.get("profileData")
    label = profile.get("email") if isinstance(profile, dict) else None
    kind = KINDS.get(provider, "") if isinstance(provider, str) else ""
    if kind == "microsoft" and isinstance(subject, str) and OBJECT_ID.fullmatch(subject):
        kind = "waad"
    return Federated(connection or provider, subject, kind, label)


def _take_factors(factors: object, translation: Translation) -> list[str]:
    """Put the first TOTP secret into the translation. Returns the names of the factors that are not imported."""
    if factors is None:
        return []
    if not isinstance(factors, list) or len(factors) > FACTORS_LIMIT:
        translation.faults.append(("mfa_factors", f"must be a list of {FACTORS_LIMIT} at most"))
        return []
    left_behind: list[str] = []
    for factor in factors:
        totp = factor.get("totp") if isinstance(factor, dict) and len(factor) == 1 else None
        if isinstance(totp, dict) and isinstance(totp.get("secret"), str) and "totp_secret" not in translation.row:
            translation.put("totp_secret", totp["secret"])
        elif isinstance(factor, dict) and factor.keys() <= {"phone", "email", "totp"}:
            left_behind += sorted(all_of(factor))
        else:
            translation.faults.append(("mfa_factors", "must hold objects of one of totp, phone, email"))
    return left_behind
