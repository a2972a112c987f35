"""Ory Kratos: identities as its API lists them with credentials, and as its API creates them, one by one or in batches.

https://www.ory.com/docs/kratos/manage-identities/import-user-accounts-identities
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.imports.systems import values
from chalicelib.imports.systems.cells import objects
from chalicelib.imports.systems.federated import SAML, Federated, take_identities
from chalicelib.imports.systems.plain import plain_password
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

SECOND_FACTORS = frozenset({"lookup_secret", "webauthn", "passkey", "code"})
"""Credentials that cannot be imported: a passkey, for example, works only at the origin that it was made for."""

KINDS = frozenset({"google", "apple", "github"})
"""Ids of providers that are kinds of connections too. Others are known by their ids."""


def person(row: Mapping[str, Any], options: SystemOptions) -> Translation:
    """A person of Kratos. Other traits become `attributes`; both kinds of metadata become `metadata`."""
    translation = Translation()
    identity = row.get("create", row)
    if not isinstance(identity, dict) or not isinstance(identity.get("traits"), dict):
        translation.faults.append(("traits", "must be an object"))
        return translation
    traits, credentials = identity["traits"], _object(identity.get("credentials"))
    password = _object(credentials.get("password"))
    identifier = _email_in(password.get("identifiers"))
    email = values.value_at(traits, options.kratos_email.split(".")) or identifier
    translation.put_id("id", identity.get("id"))
    translation.put("email", email)
    translation.put("email_verified", _is_verified(identity.get("verifiable_addresses"), email))
    translation.put_name(_name(values.value_at(traits, options.kratos_name.split("."))))
    translation.put("status", "disabled" if identity.get("state") == "inactive" else None)
    used = {options.kratos_email.partition(".")[0], options.kratos_name.partition(".")[0]}
    translation.merge(
        "attributes", None, {name: value for name, value in all_of(traits).items() if name not in used}
    )
    take_identities(translation, "credentials", _providers(credentials.get("oidc")), _federated)
    take_identities(translation, "credentials", _providers(credentials.get("saml")), _federated_by_saml)
    left_behind = [name for name in sorted(SECOND_FACTORS) if credentials.get(name) is not None]
    metadata = {**_object(identity.get("metadata_public")), **_object(identity.get("metadata_admin"))}
    translation.merge("metadata", metadata, {LEFT_BEHIND: left_behind})
    _take_credentials(_object(password.get("config")), _object(credentials.get("totp")), translation, options)
    return translation


def _take_credentials(
    password: dict[str, Any], totp: dict[str, Any], translation: Translation, options: SystemOptions
) -> None:
    if password.get("hashed_password") is not None:
        translation.convert("password_hash", lambda: foreign.from_kratos(password["hashed_password"]))
    elif password.get("password") is not None:
        translation.convert("password_hash", lambda: options.hash_plain(plain_password(password["password"])))
    config = _object(totp.get("config"))
    translation.put("totp_secret", config.get("totp_url"))


def _providers(credential: object) -> object:
    """The members `provider` and `subject` of each identity: from the config, or else, where the list has been made
    without it, from identifiers of the form `provider:subject`."""
    if not isinstance(credential, dict):
        return credential
    providers = _object(credential.get("config")).get("providers")
    identifiers = credential.get("identifiers")
    if providers is not None or not isinstance(identifiers, list):
        return identifiers if providers is None else providers
    pairs = [identifier.partition(":") for identifier in identifiers if isinstance(identifier, str)]
    named = [{"provider": provider, "subject": subject} for provider, _, subject in pairs]
    return named if len(named) == len(identifiers) else identifiers


def _federated(identity: Mapping[str, Any]) -> Federated:
    provider = identity.get("provider")
    kind = provider if isinstance(provider, str) and provider in KINDS else ""
    return Federated(provider, identity.get("subject"), kind)


def _federated_by_saml(identity: Mapping[str, Any]) -> Federated:
    return Federated(identity.get("provider"), identity.get("subject"), SAML)


def _name(value: object) -> object:
    """The name in a trait, which is the whole name or holds its `first` and `last` part."""
    return full_name(None, value.get("first"), value.get("last")) if isinstance(value, dict) else value


def _is_verified(verifiable: object, email: object) -> bool | None:
    """Whether the email address is verified; None where it is not in the list of verifiable addresses."""
    own = [
        entry
        for entry in objects(verifiable)
        if isinstance(email, str) and str(entry.get("value")).lower() == email.lower()
    ]
    return any(entry.get("verified") is True for entry in own) if own else None


def _email_in(identifiers: object) -> object:
    texts = identifiers if isinstance(identifiers, list) else []
    return next((text for text in texts if isinstance(text, str) and "@" in text), None)


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
