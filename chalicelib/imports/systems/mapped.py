"""A file of no system that we know: the job says where its columns go (`columns`).

`{"encrypted_password": "password_hash", "confirmed_at": "email_verified", "dob": "birthdate:dmy",
"plan": "attributes.plan", "*": "metadata.legacy.*"}`: the name of a column, or of a member with dots before it, and a
field of ours, a member within `attributes` or `metadata`, with a conversion after a colon where the field's own does
not do. `*` stands for all others; an empty text leaves a column out.
"""

from __future__ import annotations

import re
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib.imports.columns import PERSON
from chalicelib.imports.model import COLUMNS_BYTES, COLUMNS_LIMIT
from chalicelib.imports.systems import values
from chalicelib.imports.systems.cells import parsed as parsed_cell
from chalicelib.imports.systems.secret_values import holds_secret
from chalicelib.imports.systems.translation import SystemOptions, Translation
from chalicelib.imports.systems.watched import objects_within

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Convert = Callable[[object], object]

OTHERS = "*"
"""The column that stands for all that are not named, and the end of their target."""
OBJECTS = frozenset({"attributes", "metadata"})
"""Fields that hold members."""
NAME_LIMIT = 200
"""Characters of a column's name, and of a target."""


def _list(value: object) -> object:
    """A list, of one in JSON or of words with commas or blanks between them."""
    found = parsed_cell(value)
    return re.split(r"[\s,;]+", found.strip("{} ")) if isinstance(found, str) else found


def _status(*, if_true: str, if_false: str) -> Convert:
    def convert(value: object) -> object:
        as_truth = values.truth(value)
        return (if_true if as_truth else if_false) if isinstance(as_truth, bool) else value

    return convert


CONVERSIONS: dict[str, Convert] = {
    "text": values.text,
    "truth": values.truth,
    "set": values.is_set,
    "number": values.number,
    "epoch": values.moment,
    "date": values.day,
    "dmy": lambda value: values.day_of(value, "dmy"),
    "mdy": lambda value: values.day_of(value, "mdy"),
    "json": parsed_cell,
    "list": _list,
    "enabled": _status(if_true="active", if_false="disabled"),
    "disabled": _status(if_true="disabled", if_false="active"),
}
"""By what may stand after the colon. `enabled` and `disabled` make a `status` of a truth."""

OF_FIELD: dict[str, Convert] = {
    "email_verified": values.confirmed,
    "age": values.number,
    "birthdate": values.day,
    "terms_accepted_at": values.moment,
    "roles": _list,
    "identities": parsed_cell,
    "attributes": parsed_cell,
    "metadata": parsed_cell,
}
"""The conversion of a field where none is named; else its text."""


class Target(NamedTuple):
    """Where a column goes: a field, the names within it, and the conversion; nowhere without a field."""

    field: str
    within: tuple[str, ...]
    convert: Convert


def parsed(columns: Mapping[str, str]) -> dict[str, Target]:
    """The target of each column. Raises ValueError, which names the column that goes nowhere we know."""
    if len(columns) > COLUMNS_LIMIT:
        raise ValueError(f"names more than {COLUMNS_LIMIT} columns")
    try:
        size = sum(len(text.encode()) for pair in columns.items() for text in pair)
    except UnicodeEncodeError:
        raise ValueError("names a column, or where it goes, not in Unicode") from None
    if size > COLUMNS_BYTES:
        raise ValueError(f"has more than {COLUMNS_BYTES:,} bytes of names")
    return {column: _target(column, text) for column, text in columns.items()}


def _target(column: str, text: str) -> Target:
    shown = column if column.isprintable() else "a column"
    if not 1 <= len(column) <= NAME_LIMIT or len(text) > NAME_LIMIT:
        raise ValueError(f"names of columns, and where they go, have 1 to {NAME_LIMIT} characters")
    path, colon, conversion = text.partition(":")
    field, *within = path.split(".")
    if not text:
        return Target("", (), values.text)
    if field not in PERSON:
        raise ValueError(
            f"{shown} must go to one of {', '.join(PERSON)}, or to a member of attributes or metadata"
        )
    if within and (field not in OBJECTS or not all(within)):
        raise ValueError(f"{shown} must go to a field, or to a member of attributes or metadata")
    if (column == OTHERS) != (within[-1:] == [OTHERS]) or OTHERS in within[:-1]:
        raise ValueError(
            f"{OTHERS}, which stands for all other columns, goes to attributes.{OTHERS} or metadata.{OTHERS}"
        )
    if colon and conversion not in CONVERSIONS:
        raise ValueError(f"{shown} must be converted by one of {', '.join(CONVERSIONS)}")
    by_field = values.present if within else OF_FIELD.get(field, values.text)
    return Target(field, tuple(within), CONVERSIONS[conversion] if colon else by_field)


@lru_cache(maxsize=4)
def _parsed_once(columns: tuple[tuple[str, str], ...]) -> dict[str, Target]:
    return parsed(dict(columns))


def person(row: Mapping[str, Any], options: SystemOptions) -> Translation:
    """A person of a file whose columns the job maps. Several columns for `name` are joined by a blank; of several for
    another field the first with a value counts."""
    targets = _parsed_once(tuple(options.columns.items()))
    translation = Translation()
    for column, target in targets.items():
        if column == OTHERS or not target.field:
            continue
        value = values.member_at(row, column)
        if values.present(value) is not None:
            _put(translation, target, value)
    if OTHERS in targets:
        others = targets[OTHERS]
        for name, rest in _others(row, "", targets).items():
            _put(translation, others._replace(within=(*others.within[:-1], name)), rest)
    return translation


def _others(members: Mapping[str, Any], parent: str, targets: Mapping[str, Target]) -> dict[str, Any]:
    """What no column names, and is not called like a secret, also within members. Of what is not taken nothing is
    asked for, so it counts as left out."""
    found: dict[str, Any] = {}
    for name, plain in members.items():
        path = f"{parent}{name}"
        if values.present(plain) is not None and _has_others(plain, name, path, targets):
            value = members[name]
            found[name] = _each(value, partial(_others, parent=f"{path}.", targets=targets))
    return found


def _has_others(value: object, name: str, path: str, targets: Mapping[str, Target]) -> bool:
    if not name or path in targets or values.SENSITIVE.search(name) or _is_secret(value):
        return False
    objects = list(objects_within(value))
    return not objects or any(
        _has_others(inner, key, f"{path}.{key}", targets) for each in objects for key, inner in each.items()
    )


def _each(value: object, convert: Callable[[dict[str, Any]], object]) -> object:
    """The value with an object, or the objects of a list, converted, and without texts that are secret."""
    if isinstance(value, list):
        return [_each(each, convert) for each in value if not _is_secret(each)]
    return convert(value) if isinstance(value, dict) else value


def _is_secret(value: object) -> bool:
    return isinstance(value, str) and holds_secret(value)


def _put(translation: Translation, target: Target, value: object) -> None:
    converted = target.convert(value)
    if not target.within:
        before = translation.row.get(target.field)
        if before is None:
            translation.put(target.field, converted)
        elif target.field == "name":
            translation.put("name", f"{before} {converted}")
        return
    members = translation.row.setdefault(target.field, {})
    for name in target.within[:-1]:
        members = members.setdefault(name, {}) if isinstance(members, dict) else {}
    if isinstance(members, dict):
        members.setdefault(target.within[-1], converted)
