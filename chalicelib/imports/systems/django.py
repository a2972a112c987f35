"""Django: the people in what `dumpdata` writes, whatever their model is called, and in the table `auth_user`. Rows of
other models are no people; those of django-allauth and django-otp count where a person's row holds them
(docs/moving/django.md has the command).

https://docs.djangoproject.com/en/stable/topics/serialization/ and django/contrib/auth/{models,base_user}.py;
allauth/account/models.py, allauth/socialaccount/models.py and allauth/mfa/models.py; django_otp/plugins/otp_totp.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from chalicelib.imports.systems import values
from chalicelib.imports.systems.cells import objects
from chalicelib.imports.systems.claims import take_claims
from chalicelib.imports.systems.federated import Federated, take_identities
from chalicelib.imports.systems.groups import METADATA, groups
from chalicelib.imports.systems.translation import (
    LEFT_BEHIND,
    SystemOptions,
    Translation,
    full_name,
)
from chalicelib.imports.systems.watched import EMPTY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OF_PEOPLE = frozenset({"password", "last_login", "is_superuser"})
"""Fields of which each model of people has two: AbstractBaseUser has the first ones, PermissionsMixin the other."""

OF_DJANGO = frozenset({"id", "password", "last_login", "date_joined", "is_superuser", "is_staff", "is_active",
                       "username", "email", "groups", "user_permissions"})  # fmt: skip
NAMES = ("full_name", "name")
PARTS = {"given_name": "first_name", "family_name": "last_name"}
CLAIMS = {
    **dict.fromkeys(("date_of_birth", "birth_date", "birthdate", "birthday", "dob"), "birthdate"),
    **dict.fromkeys(("locale", "language", "preferred_language"), "locale"),
    **dict.fromkeys(("phone_number", "phone", "mobile"), "phone_number"),
}
"""Fields of a project's own model that are people's own, by the claims that they are."""
VERIFIED = ("email_verified", "is_email_verified")
TEXT_LIMIT = 1000
"""Characters of a field of a project's own model that goes to the metadata."""

EMAILS, ACCOUNTS, FACTORS, DEVICES = (
    "emailaddress_set",
    "socialaccount_set",
    "authenticator_set",
    "totpdevice_set",
)
"""What Django calls the rows of other models that belong to a person."""

RECOGNIZED = frozenset(
    {*OF_DJANGO, *NAMES, *PARTS.values(), *CLAIMS, *VERIFIED, EMAILS, ACCOUNTS, FACTORS, DEVICES}
)

KINDS = {"google": "google", "apple": "apple", "github": "github", "microsoft": "microsoft.com"}
"""The kind of connection by allauth's provider. Of Microsoft it keeps the id of its API, which is no subject, so that
this is no kind of ours."""

TOTP = {"step": 30, "t0": 0, "digits": 6}
"""The codes of a device that can go on here."""


def person(row: Mapping[str, Any], options: SystemOptions) -> Translation:
    """A person of Django. Fields of a project's own model become `metadata`, but for those that are claims."""
    translation = Translation()
    is_dump = "fields" in row
    model, fields = (row.get("model"), row.get("fields")) if is_dump else ("", row)
    if not isinstance(fields, dict):
        translation.faults.append(("fields", "must be an object"))
        return translation
    if is_dump and len(OF_PEOPLE & fields.keys()) < 2:
        translation.nobody = model if isinstance(model, str) and model else "fields"
        return translation
    key = "pk" if is_dump else "id"
    translation.put_id(key, values.text(row.get(key)))
    username = fields.get("username")
    email = _take_email(fields, username, translation)
    parts = {claim: fields.get(name) for claim, name in PARTS.items()}
    whole = next((fields[name] for name in NAMES if fields.get(name) not in EMPTY), None)
    translation.put_name(full_name(whole, parts["given_name"], parts["family_name"]))
    translation.put("status", "disabled" if values.truth(fields.get("is_active")) is False else None)
    translation.put("password_hash", fields.get("password"))
    own = {claim: values.day(fields[name]) for name, claim in CLAIMS.items() if fields.get(name) not in EMPTY}
    parts["username"] = None if username == email else username
    translation.merge("attributes", take_claims(translation, own), parts)
    take_identities(translation, ACCOUNTS, fields.get(ACCOUNTS), _federated)
    kept = _groups(fields.get("groups"), "fields.groups" if is_dump else "groups", translation, options)
    further = {METADATA: kept, LEFT_BEHIND: _take_factors(fields, translation)}
    translation.merge("metadata", dict(_others(fields)), further)
    return translation


def _rows(fields: Mapping[str, Any], name: str, translation: Translation) -> list[dict[str, Any]]:
    """The rows of another model that belong to a person."""
    rows = fields.get(name)
    found = objects(rows)
    if rows not in EMPTY and not (isinstance(rows, list) and len(found) == len(rows)):
        translation.faults.append((name, "must be a list of objects"))
    return found


def _take_email(fields: Mapping[str, Any], username: object, translation: Translation) -> object:
    """Take the address, and whether it is verified where allauth or a field of the project's model says so."""
    entries = _rows(fields, EMAILS, translation)
    primary = next((entry.get("email") for entry in entries if values.truth(entry.get("primary")) is True), None)
    email = fields.get("email") or (username if isinstance(username, str) and "@" in username else primary)
    translation.put("email", email)
    stated = [entry.get("verified") for entry in entries if _is_same(entry.get("email"), email)]
    # A field of the model is about the model's own address, not about a username that looks like one.
    stated += [fields.get(name) for name in VERIFIED if fields.get(name) not in EMPTY and fields.get("email")]
    if stated:
        translation.put("email_verified", any(values.truth(each) is True for each in stated))
    if not all(_is_same(entry.get("email"), email) for entry in entries):
        translation.note("left_out", "other email addresses")
    return email


def _is_same(one: object, other: object) -> bool:
    return isinstance(one, str) and isinstance(other, str) and one.casefold() == other.casefold()


def _groups(names: object, member: str, translation: Translation, options: SystemOptions) -> list[str]:
    """The groups by their names, which a dump has with `--natural-foreign`; the numbers that it has without it say
    nothing here."""
    if names not in EMPTY and not isinstance(names, list):
        translation.note("left_out", member)
    found = names if isinstance(names, list) else []
    return groups(
        translation,
        member,
        [name[0] if isinstance(name, list) and len(name) == 1 else name for name in found],
        options,
    )


def _federated(account: Mapping[str, Any]) -> Federated:
    provider, data = account.get("provider"), account.get("extra_data")
    label = data.get("email") if isinstance(data, dict) else None
    return Federated(
        provider, account.get("uid"), KINDS.get(provider, "") if isinstance(provider, str) else "", label
    )


def _take_factors(fields: Mapping[str, Any], translation: Translation) -> list[str]:
    """Put the first TOTP secret into the translation. Returns the names of the factors that are not imported."""
    left_behind: list[str] = []
    for kind, secret in [*_authenticators(fields, translation), *_devices(fields, translation)]:
        if secret is not None and "totp_secret" not in translation.row:
            translation.put("totp_secret", secret)
        else:
            left_behind.append(kind)
    return sorted(set(left_behind))


def _authenticators(fields: Mapping[str, Any], translation: Translation) -> Iterator[tuple[str, object]]:
    """The kind of each second factor of allauth, and the secret of one that makes codes."""
    for factor in _rows(fields, FACTORS, translation):
        kind, data = factor.get("type"), factor.get("data")
        secret = data.get("secret") if kind == "totp" and isinstance(data, dict) else None
        yield kind if isinstance(kind, str) else "unknown", secret


def _devices(fields: Mapping[str, Any], translation: Translation) -> Iterator[tuple[str, object]]:
    """The same of the devices of django-otp that were confirmed, whose keys are hex."""
    for device in _rows(fields, DEVICES, translation):
        if values.truth(device.get("confirmed", True)) is not True:
            continue
        if any(device.get(name, usual) != usual for name, usual in TOTP.items()):
            yield "totp", None
            continue
        try:
            yield "totp", base64.b32encode(binascii.unhexlify(str(device.get("key")))).decode()
        except ValueError:
            translation.faults.append((DEVICES, "must have a key in hex each"))


def _others(fields: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The fields of a project's own model that are values, are not called like a secret, and are no long texts."""
    for name, value in fields.items():
        is_value = isinstance(value, str | int | float) and len(str(value)) <= TEXT_LIMIT
        if name and is_value and name not in RECOGNIZED and not values.SENSITIVE.search(name):
            taken = values.present(fields[name])
            if taken not in EMPTY:
                yield name, taken
