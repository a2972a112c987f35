"""The translation of a row, which every system fills."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chalicelib import factors, passwords
from chalicelib.imports.notes import Note
from chalicelib.imports.systems.watched import EMPTY, Watched
from chalicelib.passwords import foreign
from chalicelib.profile import is_user_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalicelib.imports.notes import Kind

LEFT_BEHIND = factors.LEFT_BEHIND
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
    groups_as_roles: bool = False
    """Whether the groups or roles of the other system become roles here."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Where the columns of a file of no known system go: `imports.systems.mapped`."""
    hash_plain: Callable[[str], str] = passwords.hashed
    """What makes the hash of a plain password, which a file of Kratos may hold."""


@dataclass
class Translation:
    """A row of ours with the fields that could be translated, and `faults`: pairs of a field and a reason.

    `nobody` says what the row is where it is no person, for example a group; it makes nobody then. `notes` tell what
    was left out or changed of the row.
    """

    row: dict[str, Any] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    nobody: str = ""
    source: Watched | None = None
    """The other system's row, which tells what of it was looked at."""

    def put(self, name: str, value: object) -> None:
        """Set a field of our row, unless the value is empty. The rules of the fields check it later."""
        if value not in EMPTY:
            self.row[name] = dict(value) if isinstance(value, Watched) else value

    def put_id(self, member: str, value: object) -> None:
        """Set the id to that of the other system, if it can be one of ours; an email address, for example, cannot."""
        if is_user_id(value):
            self.row["id"] = value
        elif value not in EMPTY:
            self.note("left_out", member)

    def note(self, kind: Kind, name: str) -> None:
        """Note what was left out (`left_out`) or changed (`changed`) of the row, by the name that the file has for
        it."""
        self.notes.append(Note(kind, name))

    def put_name(self, value: object) -> None:
        """Set the name of the person, with a blank where it has line breaks, tabs and the like: a name here is one line
        of text. One of blanks only is none."""
        name = _CONTROL_BLANKS.sub(" ", value).strip() if isinstance(value, str) else value
        if name != value:
            self.note("changed", "name")
        self.put("name", name)

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
        used_defaults = {key: value for key, value in defaults.items() if value not in EMPTY}
        self.put(name, {**used_defaults, **(members or {})})


def full_name(full: object, given_name: object, family_name: object) -> object:
    """The full name, or else its parts joined by a blank."""
    if full not in (None, ""):
        return full
    return " ".join(part for part in (given_name, family_name) if isinstance(part, str) and part)
