"""Values as other systems write them, above all in CSV, where everything is text. A value that cannot be converted
stays as it is, and the rule of its field reports it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TRUTH = {
    **dict.fromkeys(("true", "t", "yes", "y", "1"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0"), False),
}
"""Words for true and false in any case: a spreadsheet writes `TRUE`, PostgreSQL `t`, SQLite and MySQL `1`."""

NOTHING = frozenset({"", "null", "\\n", "none", "nil", "n/a", "0000-00-00", "0000-00-00 00:00:00"})
"""What databases and spreadsheets write for no value, in any case; the last two are MySQL's for no time."""

SENSITIVE = re.compile(
    r"pass|pwd|(?<![a-z])pw(?![a-z])|senha|contrase|kennwort|wachtwoord|hash|salt|secret|token|otp|mfa|recovery"
    r"|private|credential|(?:api|access|signing|encryption).?key|answer|cookie|session",
    re.IGNORECASE,
)
"""Names of columns that go nowhere unless somebody says so: what they hold does not belong into anybody's data."""

_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ].*)?", re.DOTALL)
_NUMBER = re.compile(r"-?\d{1,15}(?:\.0+)?")
_EPOCH_MILLISECONDS = 10**11
"""From this on a number is milliseconds: in seconds it would be the year 5138."""


def truth(value: object) -> object:
    """True or false, of a word or a number for it."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return TRUTH.get(value.strip().casefold(), value)
    return bool(value) if value in (0, 1) else value


def is_set(value: object) -> bool:
    """Whether a value is there that is not false: a time of confirmation, for example."""
    return present(value) is not None and truth(value) is not False


def present(value: object) -> object:
    """The value, or None for what stands for none."""
    return None if isinstance(value, str) and value.strip().casefold() in NOTHING else value


def confirmed(value: object) -> object:
    """Whether an address is confirmed, of a truth or of the time at which it was; another value stays: `unverified` is
    not taken for a yes."""
    if present(value) is None:
        return False
    as_truth = truth(value)
    return True if not isinstance(as_truth, bool) and time_of(value) is not None else as_truth


def number(value: object) -> object:
    """A whole number, of a number or a text of one, also where a spreadsheet has written `36.0`."""
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return int(float(value))
    return int(value) if isinstance(value, float) and value.is_integer() else value


def text(value: object) -> object:
    """The text of a number; text without blanks around it."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def day(value: object) -> object:
    """The date of a date or a time in ISO 8601, `YYYY-MM-DD`."""
    match = _DATE.fullmatch(value.strip()) if isinstance(value, str) else None
    return match[1] if match else value


def day_of(value: object, order: str) -> object:
    """The date of three numbers in an order of `d`, `m` and `y`: `02/01/1985` in `mdy` is 1985-02-01."""
    parts = re.split(r"[./-]", value.strip()) if isinstance(value, str) else []
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts):
        return value
    named = dict(zip(order, parts, strict=True))
    return f"{named['y'].zfill(4)}-{named['m'].zfill(2)}-{named['d'].zfill(2)}"


def moment(value: object) -> object:
    """An RFC 3339 time, of one, of a time without an offset, which is taken for UTC, or of a number of seconds or
    milliseconds since 1970."""
    time = time_of(value)
    return value if time is None else clock.timestamp(time)


def time_of(value: object) -> datetime | None:
    """The time that `moment` tells, also in MongoDB's `{"$date": …}`; None where the value is none."""
    for name in ("$date", "$numberLong"):
        value = value.get(name) if isinstance(value, dict) else value
    number_or_value = number(value)
    try:
        if isinstance(number_or_value, int | float) and not isinstance(number_or_value, bool):
            milliseconds = abs(number_or_value) >= _EPOCH_MILLISECONDS
            return datetime.fromtimestamp(number_or_value / (1000 if milliseconds else 1), UTC)
        parsed = datetime.fromisoformat(str(value).strip())
    except (OverflowError, OSError, ValueError):
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def member_at(row: Mapping[str, Any], path: str) -> Any:
    """The value of a member by its name, or by names joined by dots; None where there is none."""
    return row[path] if path in row else value_at(row, path.split("."))


def value_at(value: Any, names: Iterable[str]) -> Any:
    """The value within objects within each other, by their members' names; None where there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
