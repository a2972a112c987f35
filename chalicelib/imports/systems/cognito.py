"""Amazon Cognito: the rows of the CSV file of a user import job.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

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

COLUMN = "cognito:"
CUSTOM = "custom:"
HASH_COLUMNS = ("cognito:password_hash", "password_hash")
"""Tried in this order where the job names none: AWS has documented the hashes of these files, and no name."""

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

_BIRTHDATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
_TRUTH = {"true": True, "false": False}


def person(row: Mapping[str, Any], asked: Asked) -> Translation:
    """A person of Cognito. Standard attributes become `attributes`, custom ones `metadata`."""
    made = Translation()
    username = row.get("cognito:username")
    made.put("id", user_id(username))
    made.put("email", row.get("email"))
    made.put("email_verified", _truth(row.get("email_verified")))
    made.put("name", full_name(row.get("name"), row.get("given_name"), row.get("family_name")))
    made.put("birthdate", _iso(row.get("birthdate")))
    made.put("locale", row.get("locale"))
    attributes = {name: row.get(name) for name in IN_ATTRIBUTES}
    if "id" not in made.row and username != row.get("email"):
        attributes["username"] = username
    made.merge("attributes", None, attributes)
    custom = {name.removeprefix(CUSTOM): value for name, value in row.items() if name.startswith(CUSTOM)}
    left = ["sms"] if _truth(row.get("cognito:mfa_enabled")) is True else []
    made.merge("metadata", None, {**custom, LEFT_BEHIND: left})
    columns = [asked.cognito_hash_column.lower()] if asked.cognito_hash_column else HASH_COLUMNS
    column = next((name for name in columns if row.get(name)), None)
    if column is not None:
        algorithm = asked.cognito_hash_algorithm or None
        made.convert("password_hash", lambda: foreign.from_cognito(row[column], algorithm, column))
    return made


def _truth(text: object) -> object:
    """A cell that says true or false, in whatever case; anything else stays, for its rule to complain of."""
    return _TRUTH.get(text.strip().lower(), text) if isinstance(text, str) else text


def _iso(text: object) -> object:
    """A birthdate of mm/dd/yyyy as ours; anything else stays."""
    found = _BIRTHDATE.fullmatch(text) if isinstance(text, str) else None
    return f"{found[3]}-{found[1]}-{found[2]}" if found else text
