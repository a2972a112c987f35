"""Amazon Cognito: the rows of the CSV file of a user import job, and the users that its API lists, with their groups
where somebody has added them.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool.html and
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserType.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from chalicelib.imports.formats.json_text import parse
from chalicelib.imports.systems.cells import objects
from chalicelib.imports.systems.federated import SAML, Federated, take_identities
from chalicelib.imports.systems.groups import METADATA, groups
from chalicelib.imports.systems.translation import (
    LEFT_BEHIND,
    SystemOptions,
    Translation,
    full_name,
)
from chalicelib.imports.systems.watched import EMPTY, Watched
from chalicelib.passwords import foreign
from chalicelib.profile import is_user_id

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMN = "cognito:"
HASH_COLUMNS = ("cognito:password_hash", "password_hash")
"""Columns tried in this order where the job names none: AWS documents the hashes in these files, but no column name."""

IN_ATTRIBUTES = (
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "zoneinfo",
    "phone_number",
    "address",
)

ATTRIBUTE_LISTS = ("Attributes", "UserAttributes")
"""The member with the attributes: of list-users, and of admin-get-user."""
IN_LISTINGS = frozenset({"Username", *ATTRIBUTE_LISTS})
"""The members of which a row of the API has one, and one of the CSV has none."""
DISABLED = ("ARCHIVED", "COMPROMISED")
"""Values of `UserStatus` of people who may not sign in."""
SECOND_FACTORS = {"SMS_MFA": "sms", "SOFTWARE_TOKEN_MFA": "totp", "EMAIL_OTP": "email"}

KINDS = {"Google": "google", "SignInWithApple": "apple", "SAML": SAML}
"""The kind of connection by `providerType`. Others are known by the provider's name."""

_CUSTOM = re.compile(r"(?:dev:)?custom:")
_BIRTHDATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
_BOOLEANS = {"true": True, "false": False}


def person(row: Mapping[str, Any], options: SystemOptions) -> Translation:
    """A person of Cognito. Standard attributes become `attributes`, custom ones `metadata`."""
    if not IN_LISTINGS.isdisjoint(row):
        return _listed(row, options)
    translation = Translation()
    username = row.get("cognito:username")
    left_behind = ["sms"] if _boolean(row.get("cognito:mfa_enabled")) is True else []
    _take_attributes(row, username, username, translation, {LEFT_BEHIND: left_behind})
    columns = [options.cognito_hash_column.lower()] if options.cognito_hash_column else HASH_COLUMNS
    column = next((name for name in columns if row.get(name)), None)
    if column is not None:
        algorithm = options.cognito_hash_algorithm or None
        translation.convert("password_hash", lambda: foreign.from_cognito(row[column], algorithm, column))
    return translation


def _listed(row: Mapping[str, Any], options: SystemOptions) -> Translation:
    """A person as the API lists them. Their id is `sub`, by which tokens of Cognito call them."""
    translation = Translation()
    member = next((name for name in ATTRIBUTE_LISTS if row.get(name) not in EMPTY), ATTRIBUTE_LISTS[0])
    attributes = Watched(_named_values(row, member, translation))
    kept = groups(translation, "Groups", _group_names(row.get("Groups")), options)
    metadata = {METADATA: kept, LEFT_BEHIND: _second_factors(row)}
    _take_attributes(attributes, attributes.get("sub"), row.get("Username"), translation, metadata)
    is_enabled, state = row.get("Enabled"), row.get("UserStatus")
    translation.put("status", "disabled" if is_enabled is False or state in DISABLED else None)
    for name in attributes.left_out():
        translation.note("left_out", f"{member}.{name}")
    return translation


def _named_values(row: Mapping[str, Any], member: str, translation: Translation) -> dict[str, Any]:
    """The attributes of a list of names and values."""
    entries = row.get(member)
    pairs = [(entry.get("Name"), entry.get("Value")) for entry in objects(entries)]
    named = {name: value for name, value in pairs if isinstance(name, str)}
    if entries not in EMPTY and not (isinstance(entries, list) and len(named) == len(entries)):
        translation.faults.append((member, "must be a list of different names with a value each"))
    return named


def _group_names(entries: object) -> list[object]:
    """The names of groups: of the answers of admin-list-groups-for-user, or names alone."""
    found = entries if isinstance(entries, list) else []
    return [entry.get("GroupName") if isinstance(entry, dict) else entry for entry in found]


def _second_factors(row: Mapping[str, Any]) -> list[str]:
    """The second factors, of which Cognito gives out no secret."""
    settings = row.get("UserMFASettingList")
    names = [name for name in settings if isinstance(name, str)] if isinstance(settings, list) else []
    found = [SECOND_FACTORS.get(name, name.lower()) for name in names]
    return sorted({*found, *(["sms"] if row.get("MFAOptions") not in EMPTY else [])})


def _take_attributes(
    row: Mapping[str, Any],
    user_id: object,
    username: object,
    translation: Translation,
    metadata: Mapping[str, object],
) -> None:
    """Take the attributes of a person, and put the custom ones before the `metadata`. A username that is neither their
    id nor their address is one of their attributes."""
    translation.put("id", user_id if is_user_id(user_id) else None)
    translation.put("email", row.get("email"))
    translation.put("email_verified", _boolean(row.get("email_verified")))
    translation.put_name(full_name(row.get("name"), row.get("given_name"), row.get("family_name")))
    translation.put("birthdate", _iso_date(row.get("birthdate")))
    translation.put("locale", row.get("locale"))
    attributes = {name: row.get(name) for name in IN_ATTRIBUTES}
    if username not in (translation.row.get("id"), row.get("email")):
        attributes["username"] = username
    translation.merge("attributes", None, attributes)
    custom = {_CUSTOM.sub("", name): row[name] for name in row if _CUSTOM.match(name)}
    _take_identities(row.get("identities"), translation)
    translation.merge("metadata", None, {**custom, **metadata})


def _take_identities(cell: object, translation: Translation) -> None:
    """Take the identities of the attribute, which is JSON in a text."""
    try:
        members = parse(cell.encode()) if isinstance(cell, str) and cell else cell
    except ValueError as error:
        translation.faults.append(("identities", str(error)))
        return
    take_identities(translation, "identities", members, _federated)


def _federated(identity: Mapping[str, Any]) -> Federated:
    """An identity. Only of OpenID Connect's the `issuer` is one."""
    kind_name = identity.get("providerType")
    kind = KINDS.get(kind_name, "") if isinstance(kind_name, str) else ""
    issuer = identity.get("issuer") if kind_name == "OIDC" else None
    return Federated(identity.get("providerName"), identity.get("userId"), kind, issuer=issuer)


def _boolean(text: object) -> object:
    """The boolean in a cell, in any case. Other text stays, and the rule of its field reports it."""
    return _BOOLEANS.get(text.strip().lower(), text) if isinstance(text, str) else text


def _iso_date(text: object) -> object:
    """A birthdate of mm/dd/yyyy as yyyy-mm-dd; other text stays."""
    match = _BIRTHDATE.fullmatch(text) if isinstance(text, str) else None
    return f"{match[3]}-{match[1]}-{match[2]}" if match else text
