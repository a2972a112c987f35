"""Supabase: the rows of its table `auth.users`, with those of `auth.identities` and `auth.mfa_factors` where the query
joins them, and the people of its admin API.

github.com/supabase/auth: internal/models/user.go, identity.go and factor.go, and its migrations
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core import clock
from chalicelib.imports.systems import values
from chalicelib.imports.systems.claims import take_claims
from chalicelib.imports.systems.federated import OBJECT_ID, SAML, Federated, take_identities
from chalicelib.imports.systems.groups import groups
from chalicelib.imports.systems.translation import (
    LEFT_BEHIND,
    SystemOptions,
    Translation,
    full_name,
)
from chalicelib.imports.systems.watched import EMPTY

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON_CELLS = ("raw_app_meta_data", "raw_user_meta_data", "identities", "factors", "mfa_factors")

NOBODIES = ("deleted_at", "is_anonymous")
"""Members that are set in rows that are no people: what a deletion leaves, and who has never said who they are."""

OF_PROVIDERS = frozenset({"sub", "iss", "email", "email_verified", "phone_verified", "provider_id"})
"""What a provider said of an identity, which Supabase repeats among the person's own data."""
NAMES = ("full_name", "name", "display_name")
PICTURES = ("avatar_url", "picture")
OF_SUPABASE = frozenset({"provider", "providers"})
"""The members of `raw_app_meta_data` that Supabase sets itself."""

OWN_PROVIDERS = frozenset({"email", "phone"})
KINDS = {"google": "google", "apple": "apple", "github": "github", "azure": "microsoft"}
OTHER_KINDS = {"microsoft": "azure"}
"""The kind of a subject that is Microsoft's object id instead of a subject."""
SINGLE_SIGN_ON, CUSTOM, WEB3 = "sso:", "custom:", "web3"
"""What the names of SAML providers and of a project's own begin with, and the one whose subjects are wallets."""

ENCRYPTED = "{"
"""What a secret begins with that is encrypted with a key of the project."""


def person(row: Mapping[str, Any], options: SystemOptions) -> Translation:
    """A person of Supabase. What they may edit becomes `attributes`, what only the project may, `metadata`."""
    translation = Translation()
    translation.nobody = next((name for name in NOBODIES if values.is_set(row.get(name))), "")
    translation.put_id("id", row.get("id"))
    translation.put("email", row.get("email"))
    translation.put("email_verified", values.confirmed(row.get("email_confirmed_at")))
    translation.put("status", _status(row.get("banned_until"), translation))
    _take_own_data(_first_of(row, "raw_user_meta_data", "user_metadata"), row.get("phone"), translation)
    take_identities(translation, "identities", row.get("identities"), _federated)
    left_behind: list[str] = []
    for name in ("mfa_factors", "factors"):
        left_behind += _take_factors(name, row.get(name), translation)
    metadata = _metadata(_first_of(row, "raw_app_meta_data", "app_metadata"), translation, options)
    translation.merge("metadata", metadata, {LEFT_BEHIND: sorted(set(left_behind))})
    password_hash = values.present(row.get("encrypted_password"))
    if "email" not in translation.row and password_hash is not None:
        translation.note("left_out", "encrypted_password")
    elif isinstance(password_hash, str) and password_hash.startswith(ENCRYPTED):
        translation.faults.append(("encrypted_password", "is encrypted with a key of the project"))
    else:
        translation.put("password_hash", password_hash)
    return translation


def _first_of(row: Mapping[str, Any], *names: str) -> tuple[str, object]:
    """The first of these members that says something, by its name."""
    return next(((name, row.get(name)) for name in names if row.get(name) not in EMPTY), (names[0], None))


def _status(banned_until: object, translation: Translation) -> str | None:
    """`disabled` for who is banned, which Supabase says by the time at which it ends."""
    if values.present(banned_until) in EMPTY:
        return None
    moment = values.moment(banned_until)
    try:
        return "disabled" if clock.parse(str(moment)) > clock.now() else None
    except ValueError:
        translation.faults.append(("banned_until", "must be a time"))
        return None


def _take_own_data(member: tuple[str, object], phone: object, translation: Translation) -> None:
    name_of_member, data = member
    if data is not None and not isinstance(data, dict):
        translation.faults.append((name_of_member, "must be an object"))
        return
    data = data or {}
    parts = full_name(None, data.get("given_name"), data.get("family_name"))
    name = next((data[each] for each in NAMES if data.get(each) not in EMPTY), parts)
    translation.put_name(name)
    picture = next((data[each] for each in PICTURES if data.get(each) not in EMPTY), None)
    used = {*OF_PROVIDERS, *(each for each in NAMES if data.get(each) in (name, *EMPTY)), *PICTURES}
    own = {each: data[each] for each in data if each not in used}
    number = f"+{phone.removeprefix('+')}" if isinstance(phone, str) and phone else phone
    translation.merge("attributes", take_claims(translation, own), {"picture": picture, "phone_number": number})


def _metadata(member: tuple[str, object], translation: Translation, options: SystemOptions) -> object:
    """What only the project may edit; of this, `roles` become roles where the job says so."""
    name_of_member, data = member
    if not isinstance(data, dict):
        return data
    names = [name for name in data if name not in OF_SUPABASE]
    if options.groups_as_roles and isinstance(data.get("roles"), list):
        groups(translation, f"{name_of_member}.roles", data["roles"], options)
        names.remove("roles")
    return {name: data[name] for name in names}


def _federated(identity: Mapping[str, Any]) -> Federated | None:
    """An identity. Before Supabase had `provider_id`, and in its API still, `id` is the subject."""
    provider, data = identity.get("provider"), identity.get("identity_data")
    data = data if isinstance(data, dict) else {}
    if not isinstance(provider, str):
        return Federated(None, None)
    if provider in OWN_PROVIDERS:
        return None
    subject = data.get("sub") or identity.get("provider_id") or identity.get("id")
    label = data.get("email") or identity.get("email")
    if provider.startswith(SINGLE_SIGN_ON) or provider == WEB3:
        return Federated(provider, subject, SAML, label)
    kind = KINDS.get(provider, "")
    if kind == "microsoft" and isinstance(subject, str) and OBJECT_ID.fullmatch(subject):
        kind = OTHER_KINDS[kind]
    issuer = data.get("iss") if kind == "microsoft" else None
    return Federated(provider.removeprefix(CUSTOM), subject, kind, label, issuer)


def _take_factors(member: str, value: object, translation: Translation) -> list[str]:
    """Put the first TOTP secret into the translation. Returns the names of the factors that are not imported. Those
    that nobody has confirmed are no factors."""
    if value in EMPTY:
        return []
    if not isinstance(value, list) or not all(isinstance(factor, dict) for factor in value):
        translation.faults.append((member, "must be a list of objects"))
        return []
    left_behind: list[str] = []
    for factor in value:
        if factor.get("status") != "verified":
            continue
        kind, secret = factor.get("factor_type"), factor.get("secret")
        is_usable = kind == "totp" and secret not in EMPTY and not str(secret).startswith(ENCRYPTED)
        if is_usable and "email" in translation.row and "totp_secret" not in translation.row:
            translation.put("totp_secret", secret)
        else:
            left_behind.append(kind if isinstance(kind, str) else "unknown")
    return left_behind
