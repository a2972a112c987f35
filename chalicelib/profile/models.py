"""The fields of a person in models: of what requests bring, of what replies show and of what events tell.

    @with_fields(EDITED_BY_OWNER, given)
    class ProfilePatch(Model): ...

is the class with these fields of the table (`profile.fields`), each as `given` has it. Loads pydantic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeVar, cast

from pydantic import BaseModel, BeforeValidator, create_model
from pydantic import Field as Member

from chalicelib.core.http.models import Visible
from chalicelib.profile.fields import FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chalicelib.profile.fields import Field

    Definition = tuple[Any, Any]
    """The type of a member of a model, and its default; `...` where it must be there."""

AnyModel = TypeVar("AnyModel", bound=BaseModel)


def with_fields(
    names: Iterable[str], define: Callable[[Field], Definition]
) -> Callable[[type[AnyModel]], type[AnyModel]]:
    """Put these fields of a person behind the members that a model has, as `define` has each."""
    members: dict[str, Any] = {name: define(FIELDS[name]) for name in names}

    def extended(model: type[AnyModel]) -> type[AnyModel]:
        return create_model(
            model.__name__, __base__=model, __module__=model.__module__, __doc__=model.__doc__, **members
        )

    return extended


def checked(field: Field) -> Any:
    """The type of a field that a request brings, held to its rule."""
    if field.free_text:
        return Annotated[field.type, Visible(field.free_text)]
    if field.schema is None:
        return Annotated[field.type, BeforeValidator(field.check)]
    return Annotated[field.type, BeforeValidator(field.check), Member(json_schema_extra=dict(field.schema))]


def given(field: Field) -> Definition:
    """As a request may bring it."""
    return checked(field) | None, None


def patching(field: Field) -> Definition:
    """As a merge patch may bring it: of an object, what comes of it is held to its rule."""
    if field.is_object:
        return Annotated[
            dict[str, Any], Member(description="A merge patch: null takes a member away")
        ] | None, None
    return given(field)


def shown(field: Field) -> Definition:
    """As a reply shows it: null where the person has none."""
    return (field.type if _is_always_there(field) else field.type | None), ...


def shown_to_some(field: Field) -> Definition:
    """As a reply shows it that leaves it out for others."""
    return field.type | None, None


def told(field: Field) -> Definition:
    """As an event tells it of the person: left out where they have none."""
    if field.constant:
        return field.type, ...
    note = {"description": field.note} if field.note else {}
    kind = field.type if _is_always_there(field) else field.type | None
    return kind, Member(default=field.default, **cast("dict[str, Any]", note))


def told_before(field: Field) -> Definition:
    """As an event tells what it was before a change: null where there was nothing."""
    return field.type | None, None


def _is_always_there(field: Field) -> bool:
    return field.constant or field.in_envelope or field.default is not None
