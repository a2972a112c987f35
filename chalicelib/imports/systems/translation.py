"""The translation of a row, which every system fills."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chalicelib import passwords
from chalicelib.passwords import foreign
from chalicelib.profile import is_user_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LEFT_BEHIND = "second_factors_left_behind"
"""The member of `metadata` that names the second factors which could not be imported. Sign-in does not require them."""

_CONTROL_BLANKS = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
"""The blanks that are control characters or separate lines."""


@dataclass(frozen=True)
class SystemOptions:
    """The options of a job that only some systems need, with the secret that they name."""

    firebase: foreign.Project | None = None
    cognito_hash_column: str = ""
    cognito_hash_algorithm: str = ""
    kratos_email: str = "email"
    kratos_name: str = "name"
    hash_plain: Callable[[str], str] = passwords.hashed
    """What makes the hash of a plain password, which a file of Kratos may hold."""


@dataclass
class Translation:
    """A row of ours with the fields that could be translated, and `faults`: pairs of a field and a reason."""

    row: dict[str, Any] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)

    def put(self, name: str, value: object) -> None:
        """Set a field of our row, unless the value is empty. The rules of the fields check it later."""
        if value not in (None, "", {}, []):
            self.row[name] = value

    def put_name(self, value: object) -> None:
        """Set the name of the person, with a blank where it has line breaks, tabs and the like: a name here is one line
        of text. One of blanks only is none."""
        self.put("name", _CONTROL_BLANKS.sub(" ", value).strip() if isinstance(value, str) else value)

    def convert(self, name: str, conversion: Callable[[], object]) -> None:
        """Set a field of our row to the result of a conversion, or add the FieldFault that it raises to `faults`."""
        try:
            self.row[name] = conversion()
        except foreign.FieldFault as fault:
            self.faults.append((fault.field, fault.reason))

    def merge(self, name: str, members: object, defaults: Mapping[str, object]) -> None:
        """Set a field of our row to an object of these members, and of those defaults that are not empty and not among
        them. Members that are no object stay, and the rule of the field reports them."""
        if members is not None and not isinstance(members, dict):
            self.row[name] = members
            return
        used_defaults = {key: value for key, value in defaults.items() if value not in (None, "", {}, [])}
        self.put(name, {**used_defaults, **(members or {})})


def full_name(full: object, given_name: object, family_name: object) -> object:
    """The full name, or else its parts joined by a blank."""
    if full not in (None, ""):
        return full
    return " ".join(part for part in (given_name, family_name) if isinstance(part, str) and part)


def user_id(value: object) -> object:
    """Another system's id, if it can be one of ours; else None, for example for an email address."""
    return value if is_user_id(value) else None
