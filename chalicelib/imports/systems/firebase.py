"""Firebase Auth: the rows of `firebase auth:export`, as JSON or CSV.

https://firebase.google.com/docs/cli/auth and firebase-tools' src/accountExporter.ts
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.imports.formats.json_text import parse
from chalicelib.imports.systems.federated import SAML, Federated, take_identities
from chalicelib.imports.systems.translation import (
    LEFT_BEHIND,
    SystemOptions,
    Translation,
)
from chalicelib.passwords import foreign

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS = {"google.com": "google", "apple.com": "apple", "github.com": "github", "microsoft.com": "microsoft.com"}
"""The kind of connection by `providerId`. Of Microsoft, Firebase has another id than the subject of ID tokens, so that
this is no kind of ours. Others are known by name."""
OWN_PROVIDERS = frozenset({"password", "phone"})
OIDC, SAML_PROVIDER = "oidc.", "saml."
"""What the names begin with that a project gives to its own providers."""


def person(row: Mapping[str, Any], options: SystemOptions) -> Translation:
    """A person of Firebase. Custom claims become `metadata`."""
    translation = Translation()
    translation.put_id("localId", row.get("localId"))
    translation.put("email", row.get("email"))
    translation.put("email_verified", row.get("emailVerified"))
    translation.put_name(row.get("displayName"))
    translation.put("status", "disabled" if row.get("disabled") is True else None)
    attributes = {"picture": row.get("photoUrl"), "phone_number": row.get("phoneNumber")}
    translation.merge("attributes", None, attributes)
    take_identities(translation, "providerUserInfo", row.get("providerUserInfo"), _federated)
    left_behind = {LEFT_BEHIND: _second_factors(row.get("mfaInfo"))}
    translation.merge("metadata", _claims(row.get("customAttributes"), translation), left_behind)
    if row.get("passwordHash"):
        translation.convert("password_hash", lambda: _password_hash(row, options))
    return translation


def _federated(identity: Mapping[str, Any]) -> Federated | None:
    """An identity. `oidc.corp` is the connection `corp`, `facebook.com` is `facebook`."""
    provider, subject, label = (identity.get(name) for name in ("providerId", "rawId", "email"))
    if not isinstance(provider, str):
        return Federated(None, subject)
    if provider in OWN_PROVIDERS:
        return None
    if provider.startswith(SAML_PROVIDER):
        return Federated(provider, subject, SAML, label)
    if provider.startswith(OIDC):
        return Federated(provider.removeprefix(OIDC), subject, label=label)
    return Federated(provider.removesuffix(".com"), subject, KINDS.get(provider, ""), label)


def _second_factors(enrolled: object) -> list[str]:
    """The kinds of the second factors; of TOTP, Firebase exports no secrets."""
    factors = [factor for factor in enrolled if isinstance(factor, dict)] if isinstance(enrolled, list) else []
    return sorted({"totp" if "totpInfo" in factor else "phone" for factor in factors})


def _claims(text: object, translation: Translation) -> object:
    if text in (None, ""):
        return None
    try:
        return parse(text.encode()) if isinstance(text, str) else text
    except ValueError as error:
        translation.faults.append(("customAttributes", str(error)))
        return None


def _password_hash(row: Mapping[str, Any], options: SystemOptions) -> str:
    if options.firebase is None:
        raise foreign.FieldFault("passwordHash", "needs the project's parameters: name them by firebase_project")
    return foreign.from_firebase(row["passwordHash"], row.get("salt", ""), options.firebase)
