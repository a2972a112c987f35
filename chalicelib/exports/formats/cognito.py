"""Amazon Cognito: the CSV file of a user import job, whose hashes are of one algorithm.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool.html
https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserImportJob.html
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from chalicelib import passwords
from chalicelib.exports.formats.fields import Fields, FileFormat, Unfit

if TYPE_CHECKING:
    from collections.abc import Iterable

IN_ATTRIBUTES = (
    *("given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture"),
    *("website", "gender", "zoneinfo", "phone_number", "address"),
)
"""Members of `attributes` that are standard attributes of Cognito's."""

COLUMNS = (
    *("cognito:username", "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username"),
    *("profile", "picture", "website", "email", "email_verified", "gender", "birthdate", "zoneinfo", "locale"),
    *("phone_number", "phone_number_verified", "address", "updated_at", "cognito:mfa_enabled"),
)
HASH_COLUMN = "cognito:password_hash"
"""AWS documents the hashes in these files, but no column name."""

ALGORITHMS = {"ARGON2ID": "argon2id", "BCRYPT": "bcrypt", "PBKDF2_SHA256": "pbkdf2", "SCRYPT": "scrypt"}
PBKDF2 = "$pbkdf2-sha256$"

VALUE_LIMIT = 2048
"""Characters of an attribute."""


def file_format(*, credentials: bool, hashes: str, only: bool) -> FileFormat:
    columns = (*COLUMNS, HASH_COLUMN) if credentials else COLUMNS
    return FileFormat(partial(_piece, columns, hashes, only), head=_line(columns))


def _piece(columns: tuple[str, ...], algorithm: str, only: bool, fields: Fields) -> bytes | None:
    hashed = _hash(fields, algorithm)
    if only and not hashed:
        return None
    if not fields.take("email_verified"):
        raise Unfit("person (no verified email address)")
    if fields.take("status") == "disabled":
        raise Unfit("person (disabled)")
    row: dict[str, Any] = {
        "cognito:username": fields.take("id"),
        "email": fields.take("email"),
        "email_verified": "true",
        "phone_number_verified": "false",
        "cognito:mfa_enabled": "false",
        "birthdate": _american(fields.take("birthdate")),
        HASH_COLUMN: hashed,
    }
    for name in ("name", "locale"):
        _put(row, name, fields.take(name), fields, name)
    attributes = fields.take_object("attributes")
    for name in IN_ATTRIBUTES:
        _put(row, name, attributes.pop(name, None), fields, "attributes")
    if attributes:
        fields.leave("attributes")
    return _line(row.get(column) or "" for column in columns)


def _put(row: dict[str, Any], name: str, value: object, fields: Fields, source: str) -> None:
    """Set a cell, unless it cannot have this value: a row is a line, and nothing but commas can be escaped in it."""
    if value in (None, ""):
        return
    if isinstance(value, str) and len(value) <= VALUE_LIMIT and value.isprintable() and "\\" not in value:
        row[name] = value
    else:
        fields.leave(source)


def _american(date: str | None) -> str | None:
    """A date of yyyy-mm-dd as mm/dd/yyyy."""
    if date is None:
        return None
    year, month, day = date.split("-")
    return f"{month}/{day}/{year}"


def _hash(fields: Fields, algorithm: str) -> str | None:
    stored: str | None = fields.take("password_hash")
    if stored is None:
        return None
    kind = passwords.kind_of(stored)
    if kind == ALGORITHMS[algorithm] and (kind != "pbkdf2" or stored.startswith(PBKDF2)):
        return stored
    fields.leave("password_hash", kind)
    return None


def _line(cells: Iterable[str]) -> bytes:
    """A row: a comma in a cell stands behind a backslash, and quotes mean nothing."""
    return (",".join(cell.replace(",", "\\,") for cell in cells) + "\r\n").encode("utf-8", "backslashreplace")
