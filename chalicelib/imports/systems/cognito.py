"""Amazon Cognito: the rows of the CSV file of a user import job.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from chalicelib.imports.formats.json_text import parse
from chalicelib.imports.systems.federated import SAML, Federated, take_identities
from chalicelib.imports.systems.translation import (
    LEFT_BEHIND,
    SystemOptions,
    Translation,
    full_name,
)
from chalicelib.passwords import foreign
from chalicelib.profile import is_user_id

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMN = "cognito:"
CUSTOM = "custom:"
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

KINDS = {"Google": "google", "SignInWithApple": "apple", "SAML": SAML}
"""The kind of connection by `providerType`. Others are known by the provider's name."""

_BIRTHDATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
_BOOLEANS = {"true": True, "false": False}


def person(row: Mapping[str, Any], options: SystemOptions) -> Translation:
    """A person of Cognito. Standard attributes become `attributes`, custom ones `metadata`."""
    translation = Translation()
    username = row.get("cognito:username")
    translation.put("id", username if is_user_id(username) else None)
    translation.put("email", row.get("email"))
    translation.put("email_verified", _boolean(row.get("email_verified")))
    translation.put_name(full_name(row.get("name"), row.get("given_name"), row.get("family_name")))
    translation.put("birthdate", _iso_date(row.get("birthdate")))
    translation.put("locale", row.get("locale"))
    attributes = {name: row.get(name) for name in IN_ATTRIBUTES}
    if "id" not in translation.row and username != row.get("email"):
        attributes["username"] = username
    translation.merge("attributes", None, attributes)
    custom = {name.removeprefix(CUSTOM): row[name] for name in row if name.startswith(CUSTOM)}
    _take_identities(row.get("identities"), translation)
    left_behind = ["sms"] if _boolean(row.get("cognito:mfa_enabled")) is True else []
    translation.merge("metadata", None, {**custom, LEFT_BEHIND: left_behind})
    columns = [options.cognito_hash_column.lower()] if options.cognito_hash_column else HASH_COLUMNS
    column = next((name for name in columns if row.get(name)), None)
    if column is not None:
        algorithm = options.cognito_hash_algorithm or None
        translation.convert("password_hash", lambda: foreign.from_cognito(row[column], algorithm, column))
    return translation


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
