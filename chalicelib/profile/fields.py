"""The fields of a person, each defined once with all its properties. Every list of fields elsewhere is derived from
this table.

How to add one: CONTRIBUTING.md, "Add a field to a person". The rows of `users` have further members, which are shown
to nobody: `accounts.rows`.
"""

# No `from __future__ import annotations`: the annotations below are the table, and are read when this is imported.

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Annotated, Any, Literal, TypedDict, get_type_hints

from chalicelib.core import brand, texts
from chalicelib.core.errors import FieldError
from chalicelib.profile import email_keys, rules

Who = Literal["owner", "administrators"]
Status = Literal["active", "disabled"]


@dataclass(frozen=True, kw_only=True)
class Field:
    """The properties of a field of a person, in all that reads or writes it."""

    rule: Callable[[object], Any] | None = None
    """Returns a value as it is stored, or raises ValueError with the reason why it is not valid. A field with a rule is
    read from imports and is a column of exports; a field without one is set by the app alone."""
    free_text: int = 0
    """Instead of a rule: the field is text that people see (`core.texts`), of at most so many characters."""
    schema: Mapping[str, Any] | None = None
    """The rule as JSON Schema, as far as it can express it, for requests."""
    note: str = ""
    """Its description in the schemas of events."""
    default: Any = None
    """The value where none was supplied. None: the field is absent then."""
    seen_by: Who = "owner"
    """Who sees it: the person and support, or administrators alone. Events contain what the owner sees."""
    edited_by: Who | None = None
    """Who may patch it; `user.updated` reports that. None where it has an event of its own, or cannot be changed."""
    privileged: bool = False
    """Whether only an administrator may set it, by its own routes and by privileged imports."""
    constant: bool = False
    """Whether it never changes."""
    in_envelope: bool = False
    """Whether an event has it in its envelope instead of its data."""
    only_here: bool = False
    """Whether no other system's rows have a member of this name, so that such a member shows that a file is ours."""
    index_attributes: tuple[str, ...] = ()
    """The attributes that repeat it for the indexes: set by `accounts.model`, shown to nobody."""

    name: str = ""
    type: Any = None
    """Name and type come from the table's annotations."""

    def check(self, value: object) -> Any:
        """The value as it is stored. Raises ValueError with the reason why it is not valid."""
        return self._rule(value) if self._rule else value

    @cached_property
    def _rule(self) -> Callable[[object], Any] | None:
        return partial(texts.visible, limit=self.free_text) if self.free_text else self.rule

    @property
    def is_supplied(self) -> bool:
        """Whether it is supplied from outside: by a person, an administrator or a file."""
        return self._rule is not None

    @property
    def is_text(self) -> bool:
        return self.type in (str, Status)

    @property
    def is_object(self) -> bool:
        """Whether it is a JSON object, which is patched member by member."""
        return isinstance(self.default, dict)


class PersonFields(TypedDict, total=False):
    """The fields of a person that are shown to anybody, in the order in which they are shown."""

    id: Annotated[str, Field(rule=rules.user_id, constant=True, only_here=True)]
    email: Annotated[
        str,
        Field(rule=email_keys.check, index_attributes=("email_key",)),
    ]
    email_verified: Annotated[bool, Field(rule=rules.yes_or_no, default=False)]
    name: Annotated[
        str, Field(free_text=rules.NAME_LIMIT, edited_by="owner", index_attributes=("name_key", "name_prefix"))
    ]
    age: Annotated[
        int,
        Field(
            rule=rules.age,
            schema={"maximum": rules.AGE_LIMIT, "minimum": 0},
            edited_by="owner",
            only_here=True,
        ),
    ]
    birthdate: Annotated[
        str,
        Field(
            rule=rules.birthdate,
            schema={"format": "date"},
            note="YYYY-MM-DD",
            edited_by="owner",
            only_here=True,
            index_attributes=("birthday",),
        ),
    ]
    locale: Annotated[
        str,
        Field(
            rule=rules.locale,
            schema={"pattern": rules.LOCALE_AS_GIVEN},
            edited_by="owner",
            only_here=True,
        ),
    ]
    terms_version: Annotated[
        str, Field(free_text=brand.NAME_LIMIT, note="The version of the terms that they agreed to", only_here=True)
    ]
    terms_accepted_at: Annotated[
        str,
        Field(rule=rules.moment, schema={"format": "date-time"}, note="When they did", only_here=True),
    ]
    identities: Annotated[
        list[dict[str, str]],
        Field(note="Who they are at identity providers: the id of each identity, its connection, and since when"),
    ]
    attributes: Annotated[
        dict[str, Any],
        Field(rule=rules.json_object, note="The person's own", default={}, edited_by="owner", only_here=True),
    ]
    metadata: Annotated[
        dict[str, Any],
        Field(
            rule=rules.json_object,
            default={},
            seen_by="administrators",
            edited_by="administrators",
            only_here=True,
        ),
    ]
    roles: Annotated[
        list[str],
        Field(rule=rules.roles, default=[], privileged=True, only_here=True, index_attributes=("roles_shard",)),
    ]
    status: Annotated[Status, Field(rule=rules.status, default="active", privileged=True, only_here=True)]
    created_at: Annotated[str, Field(constant=True, index_attributes=("created_shard",))]
    updated_at: Annotated[str, Field(in_envelope=True, index_attributes=("changed_hour",))]
    version: Annotated[int, Field(in_envelope=True)]


def _read(table: type) -> dict[str, Field]:
    hints = get_type_hints(table, include_extras=True)
    return {name: replace(hint.__metadata__[0], name=name, type=hint.__origin__) for name, hint in hints.items()}


FIELDS: dict[str, Field] = _read(PersonFields)
"""The table, by the fields' names."""


def _named(matches: Callable[[Field], Any]) -> tuple[str, ...]:
    return tuple(name for name, field in FIELDS.items() if matches(field))


SEEN_BY_OWNER = _named(lambda field: field.seen_by == "owner")
"""What people see of themselves, and support of them."""

FOR_ADMINISTRATORS = _named(lambda field: field.seen_by == "administrators")
"""What only administrators see."""

EDITED = _named(lambda field: field.edited_by)
"""What a person or an administrator can edit; `user.updated` reports it. None of it is secret: secrets are in a table
without a stream."""

EDITED_BY_OWNER = _named(lambda field: field.edited_by == "owner")
"""What people can edit of themselves."""

EDITED_BY_ADMINISTRATORS = _named(lambda field: field.edited_by == "administrators")
"""What only administrators can edit."""

PRIVILEGED = _named(lambda field: field.privileged)
"""What only `accounts.administration` changes, by its rules."""

REGISTERED = ("email", *EDITED_BY_OWNER, "terms_version", "terms_accepted_at")
"""The fields of a person in a registration."""

IN_EVENTS = _named(lambda field: field.seen_by == "owner" and not field.in_envelope)
"""The fields of a person in an event: what the person sees. Version and time of the change are in the envelope."""

IN_PREVIOUS = (
    *_named(lambda field: not (field.constant or field.in_envelope or field.edited_by)),
    *EDITED,
)
"""The fields that an event's `previous` holds where they changed, beside `updated_at`: all that are shown and can
change."""

SUPPLIED = _named(lambda field: field.is_supplied)
"""The fields that are supplied from outside: the columns of imports and exports."""

CHECKED = _named(lambda field: field.is_supplied and not field.privileged)
"""The fields that anybody may supply, if they keep the field's rule."""

SET_BY_UPSERT = _named(lambda field: field.edited_by or field.privileged)
"""The fields that a row of an import changes of an existing person: never an email address or its verification."""

REPLACED_BY_UPSERT = tuple(
    attribute
    for name in SET_BY_UPSERT
    for attribute in (name, *(() if name in PRIVILEGED else FIELDS[name].index_attributes))
)
"""The attributes of `users` that are then compared and changed. Those derived from roles are set in
`accounts.model.changed`."""

DERIVED = frozenset(attribute for field in FIELDS.values() for attribute in field.index_attributes)
"""Attributes of `users` that repeat others, for the indexes."""

TYPED = _named(lambda field: field.is_supplied and not field.is_text)
"""The fields whose cell in a CSV file is JSON: a number, `true`, an object, a list."""

ONLY_HERE = _named(lambda field: field.only_here)
"""The fields that only our own rows have."""


_DEFAULTS = {name: field.default for name, field in FIELDS.items() if field.default is not None}
_EMPTY_DEFAULTS = tuple((name, type(default)) for name, default in _DEFAULTS.items() if default in ({}, []))
"""Lists and objects, of which each person has their own."""
_PLAIN_DEFAULTS = {name: default for name, default in _DEFAULTS.items() if default not in ({}, [])}
_RULES = tuple((name, rule) for name in CHECKED if (rule := FIELDS[name]._rule))


def defaults() -> dict[str, Any]:
    """The fields of a person for whom nothing was supplied."""
    return {**_PLAIN_DEFAULTS, **{name: empty() for name, empty in _EMPTY_DEFAULTS}}


def in_event(person: Mapping[str, Any]) -> dict[str, Any]:
    """A person's fields in an event. Absent fields are left out."""
    return {name: person[name] for name in IN_EVENTS if name in person}


def check_fields(row: Mapping[str, object]) -> tuple[dict[str, Any], list[FieldError]]:
    """The person's fields in `row` as they are stored, and all their errors.

    Reads the fields of `CHECKED` only; None counts as absent.
    """
    clean: dict[str, Any] = {}
    errors: list[FieldError] = []
    for name, rule in _RULES:
        value = row.get(name)
        if value is None:
            continue
        try:
            clean[name] = rule(value)
        except ValueError as error:
            errors.append(FieldError(field=name, message=str(error)))
    return clean, errors
