"""A person's fields, each said once with all that holds for it; every list of fields elsewhere is read off this table.

How to add one: CONTRIBUTING.md, "Add a field to a person". The items of `users` have further members, which nobody is
shown: `accounts.rows`.
"""

# No `from __future__ import annotations`: the annotations below are the table, and are read when this is imported.

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any, Literal, TypedDict, get_type_hints

from chalicelib.core import texts
from chalicelib.core.errors import FieldError
from chalicelib.profile import email_keys, rules

Who = Literal["owner", "administrators"]
Status = Literal["active", "disabled"]


@dataclass(frozen=True, kw_only=True)
class Field:
    """What holds for a field of a person, wherever it comes from and goes to."""

    rule: Callable[[object], Any] | None = None
    """Gives a value as it is kept, or raises ValueError saying why it is none. Who has a rule is taken from imports and
    is a column of exports; who has none is kept by the app alone."""
    free_text: int = 0
    """Instead of a rule: this is text that people see (`core.texts`), of so many characters at most."""
    schema: Mapping[str, Any] | None = None
    """What JSON Schema can say of the rule, in requests."""
    note: str = ""
    """What the schemas of events say of it."""
    default: Any = None
    """What everybody has who was given nothing. None: the field is absent then."""
    seen_by: Who = "owner"
    """Who is shown it: the person themself and support, or administrators alone. Events tell what the owner sees."""
    edited_by: Who | None = None
    """Who may patch it. `user.updated` tells of it; None where it has an event of its own, or cannot be changed."""
    privileged: bool = False
    """Whether only an administrator may give it, by routes of its own and by privileged imports."""
    constant: bool = False
    """Whether it stays as it was at the beginning."""
    in_envelope: bool = False
    """Whether an event tells it in its envelope and not in its data."""
    only_here: bool = False
    """Whether no other system's rows have a member of this name, so that one is a mark of a file of ours."""
    found_by: tuple[str, ...] = ()
    """The attributes that repeat it for the indexes: kept by `accounts.model`, shown to nobody."""

    name: str = ""
    type: Any = None
    """Name and type are read off the table."""

    def check(self, value: object) -> Any:
        """The value as it is kept. Raises ValueError saying why it is none."""
        return self._rule(value) if self._rule else value

    @property
    def _rule(self) -> Callable[[object], Any] | None:
        return partial(texts.visible, limit=self.free_text) if self.free_text else self.rule

    @property
    def is_given(self) -> bool:
        """Whether somebody gives it: a person, an administrator or a file."""
        return self._rule is not None

    @property
    def is_text(self) -> bool:
        return self.type in (str, Status)

    @property
    def is_object(self) -> bool:
        """Whether it is a JSON object, which is patched member by member."""
        return isinstance(self.default, dict)


class PersonFields(TypedDict, total=False):
    """The fields of a person that somebody is shown, in the order in which they are shown."""

    id: Annotated[str, Field(rule=rules.user_id, constant=True, only_here=True)]
    email: Annotated[
        str,
        Field(rule=email_keys.check, found_by=("email_key",)),
    ]
    email_verified: Annotated[bool, Field(rule=rules.yes_or_no, default=False)]
    name: Annotated[
        str, Field(free_text=rules.NAME_LIMIT, edited_by="owner", found_by=("name_key", "name_prefix"))
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
            found_by=("birthday",),
        ),
    ]
    locale: Annotated[str, Field(rule=rules.locale, edited_by="owner", only_here=True)]
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
        Field(rule=rules.roles, default=[], privileged=True, only_here=True, found_by=("roles_shard",)),
    ]
    status: Annotated[Status, Field(rule=rules.status, default="active", privileged=True, only_here=True)]
    created_at: Annotated[str, Field(constant=True, found_by=("created_shard",))]
    updated_at: Annotated[str, Field(in_envelope=True, found_by=("changed_hour",))]
    version: Annotated[int, Field(in_envelope=True)]


def _read(table: type) -> dict[str, Field]:
    hints = get_type_hints(table, include_extras=True)
    return {name: replace(hint.__metadata__[0], name=name, type=hint.__origin__) for name, hint in hints.items()}


FIELDS: dict[str, Field] = _read(PersonFields)
"""The table, by the fields' names."""


def _named(is_one: Callable[[Field], Any]) -> tuple[str, ...]:
    return tuple(name for name, field in FIELDS.items() if is_one(field))


SEEN_BY_OWNER = _named(lambda field: field.seen_by == "owner")
"""What people see of themselves, and support of them."""

FOR_ADMINISTRATORS = _named(lambda field: field.seen_by == "administrators")
"""What only administrators see."""

EDITED = _named(lambda field: field.edited_by)
"""What a person or an administrator can edit: `user.updated` tells of it. None of it is secret; secrets are in a table
without a stream."""

EDITED_BY_OWNER = _named(lambda field: field.edited_by == "owner")
"""What people can edit of themselves."""

EDITED_BY_ADMINISTRATORS = _named(lambda field: field.edited_by == "administrators")
"""What administrators can edit beside that."""

PRIVILEGED = _named(lambda field: field.privileged)
"""What changes by the rules of `accounts.administration` only."""

REGISTERED = ("email", *EDITED_BY_OWNER)
"""What a registration says of a person."""

IN_EVENTS = _named(lambda field: field.seen_by == "owner" and not field.in_envelope)
"""A person in an event, as their owner sees them; version and time of the change are in the envelope."""

IN_PREVIOUS = (
    *_named(lambda field: not (field.constant or field.in_envelope or field.edited_by)),
    *EDITED,
)
"""What `previous` holds of a person where it changed, beside `updated_at`: whatever is shown of them and can change."""

GIVEN = _named(lambda field: field.is_given)
"""What somebody gives of a person: the columns of imports and exports."""

CHECKED = _named(lambda field: field.is_given and not field.privileged)
"""What anybody may give of a person, if the rule of the field lets it pass."""

GIVEN_BY_UPSERT = _named(lambda field: field.edited_by or field.privileged)
"""What a row of an import changes of somebody who is there: never an address or its verification."""

REPLACED_BY_UPSERT = tuple(
    attribute
    for name in GIVEN_BY_UPSERT
    for attribute in (name, *(() if name in PRIVILEGED else FIELDS[name].found_by))
)
"""The attributes of `users` that are compared and changed then; those of roles follow in `accounts.model.changed`."""

DERIVED = frozenset(attribute for field in FIELDS.values() for attribute in field.found_by)
"""Attributes of `users` that repeat others, for the indexes."""

TYPED = _named(lambda field: field.is_given and not field.is_text)
"""Those whose cell in a CSV file is JSON: a number, `true`, an object, a list."""

ONLY_HERE = _named(lambda field: field.only_here)
"""Those that only rows of ours have."""


def defaults() -> dict[str, Any]:
    """What a person has who is given nothing."""
    return {name: copy(field.default) for name, field in FIELDS.items() if field.default is not None}


def in_event(person: Mapping[str, Any]) -> dict[str, Any]:
    """A person as an event tells of them: what they have not given is left out."""
    return {name: person[name] for name in IN_EVENTS if name in person}


def check_fields(row: Mapping[str, object]) -> tuple[dict[str, Any], list[FieldError]]:
    """The person's fields in `row`, as they are kept, and everything that is wrong with them.

    Looks at the names in `CHECKED` only; what is None counts as not given.
    """
    clean: dict[str, Any] = {}
    errors: list[FieldError] = []
    for name in CHECKED:
        value = row.get(name)
        if value is None:
            continue
        try:
            clean[name] = FIELDS[name].check(value)
        except ValueError as error:
            errors.append(FieldError(field=name, message=str(error)))
    return clean, errors
