"""The rules of a person's fields. Each returns the value as it is stored, or raises ValueError with the reason why it
is not valid.

HTTP bodies and rows of imported files keep the same rules.
"""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

from chalicelib.core import clock, ids

NAME_LIMIT = 200
AGE_LIMIT = 150
JSON_LIMIT = 8 * 1024
"""Bytes of `attributes`, and of `metadata`, as JSON in UTF-8."""
JSON_DEPTH = 16
"""DynamoDB nests 32 deep: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""
NUMBER_DIGITS = 38
"""DynamoDB's numbers, from the same page: 38 digits, magnitudes from 1E-130 to 9.99E+125."""

ID_LIMIT = 128
ID = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._~|+=-]{{0,{ID_LIMIT - 1}}}")
"""Ids stand in URLs, keys and logs: no slash, no colon, no hash sign, and no email address."""
LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}")
"""The common part of BCP 47 (RFC 5646): a language and its subtags."""
BIRTHDATE = re.compile(r"\d{4}-\d{2}-\d{2}")
LOCALE_AS_GIVEN = f"^{LOCALE.pattern.replace('(-', '([_-]')}$"
"""With what other systems write for the hyphen. Taken, and kept with hyphens."""
ROLE = re.compile(r"[a-z][a-z0-9_-]{0,31}")
ROLES_LIMIT = 20
STATUSES = ("active", "disabled")


def user_id(value: object) -> str:
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise ValueError("must be 1 to 128 letters, digits or . _ ~ | + = - and begin with a letter or digit")
    if ids.is_clients(value):
        raise ValueError("is an id of clients, which are no people")
    return value


def is_user_id(value: object) -> bool:
    """Whether a value of another system can be a user id here."""
    return isinstance(value, str) and ID.fullmatch(value) is not None and not ids.is_clients(value)


def age(value: object) -> int:
    if type(value) is not int or not 0 <= value <= AGE_LIMIT:
        raise ValueError(f"must be a whole number from 0 to {AGE_LIMIT}")
    return value


def birthdate(value: object) -> str:
    if not isinstance(value, str) or not BIRTHDATE.fullmatch(value):
        raise ValueError("must be a date like 1999-12-31")
    try:
        born = date.fromisoformat(value)
    except ValueError:
        raise ValueError("is not a date of the calendar") from None
    if born > clock.now().date():
        raise ValueError("lies in the future")
    if age_on(born, clock.now().date()) > AGE_LIMIT:
        raise ValueError(f"lies more than {AGE_LIMIT} years back")
    return value


def locale(value: object) -> str:
    if not isinstance(value, str) or not LOCALE.fullmatch(value.replace("_", "-")):
        raise ValueError("must be a language tag like en or pt-BR")
    return value.replace("_", "-")


def moment(value: object) -> str:
    """An RFC 3339 time, as `clock.timestamp` writes it."""
    try:
        return clock.timestamp(clock.parse(str(value)))
    except ValueError:
        raise ValueError("must be an RFC 3339 time with an offset") from None


def status(value: object) -> str:
    if value not in STATUSES:
        raise ValueError(f"must be {' or '.join(STATUSES)}")
    return str(value)


def json_object(value: object) -> dict[str, Any]:
    """A JSON object of at most 8 KB that DynamoDB can store."""
    if not isinstance(value, dict):
        raise ValueError("must be a JSON object")
    _check_json(value, JSON_DEPTH)
    try:
        size = len(_COMPACT.encode(value).encode())
    except UnicodeEncodeError:
        raise ValueError("holds text that is not Unicode") from None
    if size > JSON_LIMIT:
        raise ValueError(f"is above {JSON_LIMIT:,} bytes as JSON")
    return value


def yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def roles(value: object) -> list[str]:
    if not isinstance(value, list) or len(value) > ROLES_LIMIT:
        raise ValueError(f"must be a list of {ROLES_LIMIT} roles at most")
    if not all(isinstance(role, str) and ROLE.fullmatch(role) for role in value):
        raise ValueError("a role is 1 to 32 lower-case letters, digits, _ or - and begins with a letter")
    return sorted(set(value))


def age_on(born: date, day: date) -> int:
    """Whole years on that day. Somebody born on 29 February has their birthday on the 28th in common years."""
    return day.year - born.year - ((day.month, day.day) < _birthday_in(born, day.year))


def _birthday_in(born: date, year: int) -> tuple[int, int]:
    if (born.month, born.day) == (2, 29) and not is_leap(year):
        return 2, 28
    return born.month, born.day


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _check_json(value: object, depth: int) -> None:
    """Check a value that may be nested `depth` deep. An empty list or object is nested no deeper than a number."""
    if isinstance(value, _CONTAINERS):
        if value and not depth:
            raise ValueError(f"is nested more than {JSON_DEPTH} deep")
        if isinstance(value, dict) and "" in value:
            raise ValueError("holds a member without a name")
        for part in value.values() if isinstance(value, dict) else value:
            if not isinstance(part, str):
                _check_json(part, depth - 1)
    elif not _fits(value):
        raise ValueError("holds a number that is too large, too small or none")


_CONTAINERS = (dict, list)
_BEYOND: int = 10**NUMBER_DIGITS
"""Made once: imports look at a million objects."""


def _fits(value: object) -> bool:
    """Whether DynamoDB can store a value, if it is a number."""
    if isinstance(value, int):
        return abs(value) < _BEYOND
    return not isinstance(value, float) or value == 0 or 1e-130 < abs(value) < 1e125
