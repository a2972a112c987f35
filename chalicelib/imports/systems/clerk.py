"""Clerk: the CSV of its dashboard (Settings, User exports), with the hashes of passwords and the secrets of TOTP, and
the users of its Backend API, as `GET /v1/users` or the SDK's `getUserList()` gives them, without either.

https://clerk.com/docs/guides/development/migrating/export-from-clerk and the types `User` of the package @clerk/backend
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from chalicelib.imports.systems import values
from chalicelib.imports.systems.cells import objects
from chalicelib.imports.systems.federated import Federated, take_identities
from chalicelib.imports.systems.translation import (
    LEFT_BEHIND,
    SystemOptions,
    Translation,
    full_name,
)
from chalicelib.passwords import foreign

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

JSON_CELLS = ("public_metadata", "private_metadata", "unsafe_metadata")
ATTRIBUTES = {
    "given_name": "first_name",
    "family_name": "last_name",
    "username": "username",
    "phone_number": "primary_phone_number",
    "zoneinfo": "timezone",
}
SECOND_FACTORS = {"totp": "totp_enabled", "backup_code": "backup_code_enabled"}
"""The second factors of an answer of the API, by the members that say that there are some."""
KINDS = {"google": "google", "apple": "apple", "github": "github", "microsoft": "microsoft.com"}
"""The kind of connection by `provider`, without `oauth_`. Of Microsoft, Clerk does not document which id it has, so
that this is no kind of ours. Others are known by name."""
_PROVIDER = re.compile(r"oauth_(?:custom_)?|oidc_")
_BETWEEN_ADDRESSES = re.compile(r"[,;|\s]+")


def person(row: Mapping[str, Any], _options: SystemOptions) -> Translation:
    """A person of Clerk. What they may write themselves (`unsafe_metadata`) becomes `attributes`; the application's own
    `public_metadata` and `private_metadata` become `metadata`."""
    translation = Translation()
    translation.put_id("id", row.get("id"))
    _take_email(row, translation)
    attributes = {ours: _of(row, member) for ours, member in ATTRIBUTES.items()}
    if _of(row, "has_image") is not False:
        attributes["picture"] = _of(row, "image_url")
    attributes["phone_number"] = attributes["phone_number"] or _primary_phone(row)
    translation.put_name(full_name(None, attributes["given_name"], attributes["family_name"]))
    translation.put("locale", row.get("locale"))
    is_blocked = any(values.truth(row.get(member)) is True for member in ("banned", "deprovisioned"))
    translation.put("status", "disabled" if is_blocked else None)
    translation.merge("attributes", _of(row, "unsafe_metadata"), attributes)
    take_identities(translation, "external_accounts", _external_accounts(row, translation), _federated)
    further = {LEFT_BEHIND: _left_behind(row), "external_id": _of(row, "external_id")}
    translation.merge("metadata", _metadata(row), further)
    translation.put("totp_secret", row.get("totp_secret"))
    digest, hasher = row.get("password_digest"), row.get("password_hasher")
    if digest and hasher:
        translation.convert("password_hash", lambda: foreign.from_clerk(hasher, digest))
    else:
        translation.put("password_hash", digest)
    return translation


def _of(row: Mapping[str, Any], name: str) -> Any:
    """A member by its name, as the API has it, or in the SDK's camelCase."""
    camel = _camel(name)
    return row.get(camel) if camel in row else row.get(name)


@cache
def _camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)


def _metadata(row: Mapping[str, Any]) -> object:
    """The private metadata over the public; or the first of them that is no object."""
    public, private = (_of(row, f"{kind}_metadata") or {} for kind in ("public", "private"))
    if isinstance(public, dict) and isinstance(private, dict):
        return {**public, **private}
    return private if isinstance(public, dict) else public


def _take_email(row: Mapping[str, Any], translation: Translation) -> None:
    """Take the primary address, or else the first that is verified, or the first. There is place for one."""
    stated = dict(_stated(row))
    primary = _primary(_of(row, "email_addresses"), _of(row, "primary_email_address_id"), "email_address")
    primary = row.get("primary_email_address") or primary
    verified = [text for text, is_verified in stated.items() if is_verified]
    email = primary or next(iter([*verified, *stated]), None)
    translation.put("email", email)
    if email is not None and stated:
        translation.put("email_verified", email in verified)
    if any(each != email for each in stated):
        translation.note("left_out", "other email addresses")


def _stated(row: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """The addresses, and whether each one is verified."""
    for kind in ("unverified", "verified"):
        cell = row.get(f"{kind}_email_addresses")
        for text in _BETWEEN_ADDRESSES.split(cell) if isinstance(cell, str) else ():
            if text:
                yield text, kind == "verified"
    for entry in objects(_of(row, "email_addresses")):
        text = _of(entry, "email_address")
        if isinstance(text, str):
            yield text, _is_verified(entry)


def _is_verified(entry: Mapping[str, Any]) -> bool:
    verification = entry.get("verification")
    return isinstance(verification, dict) and verification.get("status") == "verified"


def _primary(entries: object, primary_id: object, member: str) -> object:
    """The member of the entry that has the primary id."""
    return next((_of(entry, member) for entry in objects(entries) if entry.get("id") == primary_id), None)


def _primary_phone(row: Mapping[str, Any]) -> object:
    return _primary(_of(row, "phone_numbers"), _of(row, "primary_phone_number_id"), "phone_number")


def _left_behind(row: Mapping[str, Any]) -> list[str]:
    """The second factors that cannot be imported, by their names."""
    named = [name for name, member in SECOND_FACTORS.items() if values.truth(_of(row, member)) is True]
    phones = [_of(entry, "reserved_for_second_factor") for entry in objects(_of(row, "phone_numbers"))]
    return [
        *(name for name in named if name != "totp" or not row.get("totp_secret")),
        *(["phone"] if True in phones else []),
        *(["passkey"] if row.get("passkeys") else []),
    ]


def _external_accounts(row: Mapping[str, Any], translation: Translation) -> list[dict[str, Any]]:
    """Accounts at providers that were proved, and have the provider's id. The others are noted."""
    accounts = _of(row, "external_accounts")
    proved = []
    for account in objects(accounts):
        stated = account.get("verification")
        if (stated is None or _is_verified(account)) and _subject(account):
            proved.append(account)
        else:
            provider = account.get("provider")
            translation.note("left_out", f"external_accounts.{provider if isinstance(provider, str) else '?'}")
    if accounts is not None and not isinstance(accounts, list):
        translation.faults.append(("external_accounts", "must be a list of objects"))
    return proved


def _federated(account: Mapping[str, Any]) -> Federated:
    provider = account.get("provider")
    name = _PROVIDER.sub("", provider, count=1) if isinstance(provider, str) else provider
    kind = KINDS.get(name, "") if isinstance(name, str) else ""
    return Federated(name, _subject(account), kind, _of(account, "email_address"))


def _subject(account: Mapping[str, Any]) -> object:
    return _of(account, "provider_user_id") or account.get("externalId")
