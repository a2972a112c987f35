"""Where the columns of an unknown file probably go, by their names and by what they hold: a mapping to look at."""

from __future__ import annotations

import re
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any

from chalicelib import passwords
from chalicelib.imports.systems import values
from chalicelib.imports.systems.mapped import NAME_LIMIT, OTHERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DEEPEST = 3
"""Of members within members that are looked at: `_id.$oid`."""

NAMES: dict[str, tuple[str, ...]] = {
    "id": ("id", "user_id", "userid", "uid", "uuid", "guid", "_id", "_id.$oid", "pk"),
    "email": ("email", "e_mail", "mail", "email_address", "emailaddress", "user_email", "primary_email", "username",
              "login", "user_login"),
    "email_verified": ("email_verified", "emailverified", "is_email_verified", "verified", "is_verified", "confirmed",
                       "email_confirmed", "confirmed_at", "email_confirmed_at", "email_verified_at", "verified_at"),
    "name": ("name", "full_name", "fullname", "display_name", "displayname", "real_name", "user_name", "first_name",
             "firstname", "given_name", "last_name", "lastname", "surname", "family_name"),
    "birthdate": ("birthdate", "birth_date", "birthday", "date_of_birth", "dateofbirth", "dob"),
    "age": ("age",),
    "locale": ("locale", "lang", "language", "preferred_language"),
    "password_hash": ("password_hash", "passwordhash", "password", "encrypted_password", "password_digest",
                      "hashed_password", "passwd", "user_pass", "pass", "hash", "passwd_hash"),
    "status:enabled": ("is_active", "active", "enabled"),
    "status:disabled": ("disabled", "blocked", "banned", "is_disabled"),
    "roles": ("roles",),
}  # fmt: skip
"""The names by which each field is often called, the surest first: Rails, Laravel, Django, Node, PHP, Java, MongoDB."""

EARLIEST_YEAR = 1000
"""Of a date whose order is told: the year is written in four digits."""
PARTS_OF_NAME = frozenset(NAMES["name"][7:])
"""Columns that are joined to the name where there is no whole one."""


def suggested(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Where the columns of these rows probably go. What is not recognized goes to `metadata.legacy`; a password only
    where it is a hash that we can verify."""
    members = _paths(rows)
    paths = {path: _folded(path) for path in members if len(path) <= NAME_LIMIT}
    found: dict[str, str] = {}
    for target, names in NAMES.items():
        columns = [path for name in names for path in paths if paths[path] == name and path not in found]
        fitting = [column for column in columns if _fits(target, _values(rows, column))]
        whole = [column for column in fitting if paths[column] not in PARTS_OF_NAME]
        for column in whole[:1] or _parts(fitting, paths):
            found[column] = f"{target}{_order(_values(rows, column)) if target == 'birthdate' else ''}"
    if "password_hash" not in found.values():
        hashes = (path for path in paths if path not in found and _are_hashes(_values(rows, path)))
        found |= dict.fromkeys(islice(hashes, 1), "password_hash")
    if any(path not in found and not values.SENSITIVE.search(path) for path in members):
        found[OTHERS] = f"metadata.legacy.{OTHERS}"
    return found


def _parts(columns: Sequence[str], paths: Mapping[str, str]) -> list[str]:
    """The parts of a name, each once, in the order of the file."""
    once = {paths[column]: column for column in reversed(columns)}
    return [path for path in paths if once.get(paths[path]) == path]


def _paths(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names of all members that hold no others, in the order of the file."""
    found: dict[str, None] = {}

    def below(members: Mapping[str, Any], parent: str, depth: int) -> None:
        for name, value in members.items():
            path = f"{parent}{name}"
            if isinstance(value, dict) and depth < DEEPEST:
                below(value, f"{path}.", depth + 1)
            else:
                found[path] = None

    for row in rows:
        below(row, "", 1)
    return list(found)


def _folded(path: str) -> str:
    return re.sub(r"[\s.-]+(?!\$)", "_", path.strip()).casefold().strip(" ")


def _values(rows: Sequence[Mapping[str, Any]], column: str) -> list[object]:
    found = (values.member_at(row, column) for row in rows)
    return [value for value in found if values.present(value) is not None]


def _fits(target: str, samples: Sequence[object]) -> bool:
    """Whether the values of a column can be those of the field: hashes for passwords, addresses for an address."""
    if target == "password_hash":
        return any(_is_hash(value) for value in samples)
    if target == "email":
        return all(isinstance(value, str) and "@" in value for value in samples)
    return True


def _order(samples: Sequence[object]) -> str:
    """The conversion of dates that are dates in one order only: `28/12/1990`. What could be either is for a person to
    say."""
    orders = [each for each in ("dmy", "mdy") if all(_is_date(values.day_of(value, each)) for value in samples)]
    return f":{orders[0]}" if len(orders) == 1 else ""


def _is_date(value: object) -> bool:
    try:
        return date.fromisoformat(str(value)).year >= EARLIEST_YEAR
    except ValueError:
        return False


def _are_hashes(samples: Sequence[object]) -> bool:
    """Whether a column holds hashes and nothing else, whatever it is called."""
    return bool(samples) and all(_is_hash(value) for value in samples)


def _is_hash(value: object) -> bool:
    try:
        passwords.as_stored(value)
    except ValueError:
        return False
    return True
