"""How a file of people is written: one piece for each person, with something before, between and behind them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock, wire
from chalicelib.imports.columns import PERSON, SECRETS
from chalicelib.profile.fields import defaults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

NOT_GIVEN = {
    "identities": [],
    "recovery_codes": [],
    **{name: default for name, default in defaults().items() if default is not False},
}
"""The default values of a person's fields. They are left out of the file, so that an import without privileges takes
it, except for `False`: the file says that an email address is not verified."""

WITHOUT_CREDENTIALS = tuple(name for name in PERSON if name not in SECRETS)

NEVER = ("passkeys", "recovery_codes")
"""Credentials that no file holds: a passkey works only at the site that it was created for, and of recovery codes there
are our own hashes alone."""

WITH_CREDENTIALS = (*PERSON, *NEVER)

NAMES = 50
"""Different names of what one export leaves out, of which there may be one for each parameter of a hash. Beyond these,
what stands in brackets behind a name is not told any more."""


class Unfit(Exception):
    """A person who cannot be in a file of this format. The text says what they lack."""


class Fields:
    """The fields of a person that an export may tell. A format takes those that it can hold; all others are left out,
    and counted."""

    def __init__(self, person: Mapping[str, Any], *, credentials: bool) -> None:
        values = ((name, person.get(name)) for name in (WITH_CREDENTIALS if credentials else WITHOUT_CREDENTIALS))
        self._fields = {
            name: value for name, value in values if value is not None and value != NOT_GIVEN.get(name)
        }
        self._left: set[str] = set()
        self.created_at = str(person.get("created_at", ""))

    def take(self, name: str) -> Any:
        """The value of a field, or None."""
        return self._fields.pop(name, None)

    def take_all(self) -> dict[str, Any]:
        """All fields that a file may hold, in the order of `imports.columns.PERSON`."""
        taken = {name: value for name, value in self._fields.items() if name not in NEVER}
        self._fields = {name: value for name, value in self._fields.items() if name in NEVER}
        return taken

    def take_object(self, name: str) -> dict[str, Any]:
        """A copy of a field that is an object, which is empty where the person has none."""
        return dict(self.take(name) or {})

    def move(self, names: Iterable[str], target: dict[str, Any]) -> None:
        """Take fields into an object, each as a member of its name. What has such a member is left out."""
        for name in names:
            value = self.take(name)
            if value is not None and target.setdefault(name, value) != value:
                self.leave(name)

    def leave(self, name: str, detail: str = "") -> None:
        """Note that a field, or a part of it, is left out."""
        self._left.add(f"{name} ({detail})" if detail else name)

    def created_milliseconds(self) -> int | None:
        """When the person was created, in milliseconds since 1970."""
        return int(clock.parse(self.created_at).timestamp() * 1000) if self.created_at else None

    def left_out(self) -> set[str]:
        return self._left | self._fields.keys()


class LeftOut:
    """What was left out of a file: names, with the people that each is of."""

    def __init__(self) -> None:
        self.people: Counter[str] = Counter()

    def add(self, names: Iterable[str] | Mapping[str, int]) -> None:
        """Count a person's names, or add the counts of another file."""
        for name in names:
            counted = name
            if name not in self.people and len(self.people) >= NAMES:
                counted = name.partition(" (")[0]
            self.people[counted] += int(names[name]) if isinstance(names, dict) else 1


@dataclass(frozen=True)
class FileFormat:
    """`piece` writes one person. It raises Unfit for one whom the format cannot hold, and returns None for one who is
    not asked for."""

    piece: Callable[[Fields], bytes | None]
    head: bytes = b""
    between: bytes = b""
    foot: bytes = b""


def json_format(person: Callable[[Fields], dict[str, Any] | None], head: bytes, foot: bytes) -> FileFormat:
    """A list in JSON, one line for each person."""

    def piece(fields: Fields) -> bytes | None:
        document = person(fields)
        return None if document is None else wire.to_json(document).encode()

    return FileFormat(piece, head, b",\n", foot)


OWN_FIELDS = ("age", "birthdate", "locale", "terms_version", "terms_accepted_at")
"""What other systems have no field for. It goes to where they keep a person's own data."""


def without_empty(document: Mapping[str, Any]) -> dict[str, Any]:
    """The members that say something."""
    return {name: value for name, value in document.items() if value not in (None, "", {}, [])}
