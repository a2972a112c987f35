"""What can be compared in a filter, and how each of it is reached in SQL: the one table of identifiers.

The fields of a person come from `profile.fields`, so that a new one can be filtered by as soon as it has a column.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, get_args

from chalicelib.accounts.rows import Source
from chalicelib.profile.fields import FIELDS, FOR_ADMINISTRATORS, Status
from chalicelib.profile.visibility import sees_all

if TYPE_CHECKING:
    from collections.abc import Collection

    from chalicelib.profile.fields import Field as PersonField


class Kind(Enum):
    """How a field's values are read and compared."""

    FOLDED = "text, without accents and capitals"
    TEXT = "text"
    CHOICE = "one of a few words"
    NUMBER = "whole number"
    TRUTH = "true or false"
    DATE = "date"
    TIME = "time"
    LIST = "list of words"
    JSON = "JSON object"
    LINK = "what the person has"


ORDERED = frozenset({Kind.FOLDED, Kind.TEXT, Kind.NUMBER, Kind.DATE, Kind.TIME})
"""Kinds whose values can be before and after others. Members of a JSON object can too, by what they are."""

_SQL_TYPES = {
    Kind.FOLDED: "text",
    Kind.TEXT: "text",
    Kind.CHOICE: "text",
    Kind.NUMBER: "bigint",
    Kind.TRUTH: "boolean",
    Kind.DATE: "date",
    Kind.TIME: "timestamptz",
}


@dataclass(frozen=True)
class Field:
    """A field of a filter."""

    name: str
    kind: Kind
    sql: str
    """Its expression of a row `p` of `people`; of a LINK, the `table.column` whose rows say what a person has."""
    choices: tuple[str, ...] = ()
    nullable: bool = True
    for_administrators: bool = False

    @property
    def sql_type(self) -> str:
        """Of a field with single values, the type of its expression."""
        return _SQL_TYPES[self.kind]

    @property
    def is_sortable(self) -> bool:
        """Whether it has one value, which a person has or has not."""
        return self.kind in _SQL_TYPES


_NAME = "split_part(p.search, chr(10), 1)"
_EMAIL = "split_part(p.search, chr(10), CASE WHEN p.name <> '' THEN 2 ELSE 1 END)"
_FOLDED = {
    "name": f"(CASE WHEN p.name <> '' THEN {_NAME} END COLLATE \"C\")",
    "email": f"(CASE WHEN p.email <> '' THEN {_EMAIL} END COLLATE \"C\")",
}
"""Name and address as `projection.search_text` folds them, in lines of their own: what the indexes are of."""

_FORMATS = {"date": Kind.DATE, "date-time": Kind.TIME}
_TYPES = {bool: Kind.TRUTH, int: Kind.NUMBER, Status: Kind.CHOICE}
_NEVER_NULL = frozenset({"id", "version", "created_at", "updated_at"})

_BESIDES = (
    Field("email_domain", Kind.TEXT, '(p.email_domain COLLATE "C")'),
    Field("source", Kind.CHOICE, '(p.source COLLATE "C")', get_args(Source)),
    Field("last_sign_in_at", Kind.TIME, "p.last_sign_in_at"),
    Field("identities.connection", Kind.LINK, "identities.connection"),
    Field("segment", Kind.LINK, "memberships.segment_id"),
    Field("items", Kind.LINK, "items.key", for_administrators=True),
)
"""What is no field of a person. Who reads a person's items is an administrator, so support does not filter by them."""


@cache
def _all() -> dict[str, Field]:
    own = [_of(field) for name, field in FIELDS.items() if name != "identities"]
    return {field.name: field for field in (*own, *_BESIDES)}


def fields_for(roles: Collection[str]) -> dict[str, Field]:
    """The fields, by name, that a caller with these roles filters and sorts by: those that they may see."""
    return {name: field for name, field in _all().items() if sees_all(roles) or not field.for_administrators}


def _of(field: PersonField) -> Field:
    kind = _kind(field)
    sql = f"p.{field.name}"
    if kind in {Kind.TEXT, Kind.CHOICE} and field.name != "id":
        sql = f'({sql} COLLATE "C")'
    return Field(
        name=field.name,
        kind=kind,
        sql=_FOLDED.get(field.name, sql),
        choices=get_args(field.type) if kind is Kind.CHOICE else (),
        nullable=field.default is None and field.name not in _NEVER_NULL,
        for_administrators=field.name in FOR_ADMINISTRATORS,
    )


def _kind(field: PersonField) -> Kind:
    if field.is_object:
        return Kind.JSON
    if field.name in _FOLDED:
        return Kind.FOLDED
    if isinstance(field.default, list):
        return Kind.LIST
    if field.type in _TYPES:
        return _TYPES[field.type]
    stamped = Kind.TIME if field.name.endswith("_at") else Kind.TEXT
    return _FORMATS.get(str((field.schema or {}).get("format")), stamped)
