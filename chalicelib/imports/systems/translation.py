"""What every system's translation is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chalicelib.passwords import foreign
from chalicelib.profile import is_user_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LEFT_BEHIND = "second_factors_left_behind"
"""The member of `metadata` that names the second factors which could not be taken over: nobody is asked for them."""


@dataclass(frozen=True)
class Asked:
    """What a job says of its file beyond the file itself."""

    firebase: foreign.Project | None = None
    cognito_hash_column: str = ""
    cognito_hash_algorithm: str = ""
    kratos_email: str = "email"
    kratos_name: str = "name"


@dataclass
class Translation:
    """A row of ours, as far as it could be made, and what was wrong with the rest: pairs of a field and a reason."""

    row: dict[str, Any] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)

    def put(self, name: str, value: object) -> None:
        """Give our row this field, unless there is nothing to give. The rules of the fields check it later."""
        if value not in (None, "", {}, []):
            self.row[name] = value

    def convert(self, name: str, conversion: Callable[[], object]) -> None:
        """Give our row what the conversion makes; a fault that it raises is one of the row."""
        try:
            self.row[name] = conversion()
        except foreign.FieldFault as fault:
            self.faults.append((fault.field, fault.reason))

    def merge(self, name: str, given: object, more: Mapping[str, object]) -> None:
        """Give our row an object of what is given, and of those further members that hold something and have not
        been given. What is given and no object stays, for the rule of the field to complain of."""
        if given is not None and not isinstance(given, dict):
            self.row[name] = given
            return
        further = {key: value for key, value in more.items() if value not in (None, "", {}, [])}
        self.put(name, {**further, **(given or {})})


def full_name(whole: object, given: object, family: object) -> object:
    """The whole name, or else what its parts make."""
    if whole not in (None, ""):
        return whole
    return " ".join(part for part in (given, family) if isinstance(part, str) and part)


def user_id(value: object) -> object:
    """An id of another system as ours, or nothing where it cannot be one: an address, say."""
    return value if is_user_id(value) else None
