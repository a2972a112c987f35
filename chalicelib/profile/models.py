"""The fields of a person in models of requests, replies and events.

    @with_fields(EDITED_BY_OWNER, in_request)
    class ProfilePatch(Model): ...

is the class with these fields of the table (`profile.fields`), each as `in_request` defines it. Loads pydantic.
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
    """Add these fields of a person to a model, after its own members, each as `define` returns it."""
    members: dict[str, Any] = {name: define(FIELDS[name]) for name in names}

    def extended(model: type[AnyModel]) -> type[AnyModel]:
        return create_model(
            model.__name__, __base__=model, __module__=model.__module__, __doc__=model.__doc__, **members
        )

    return extended


def checked_type(field: Field) -> Any:
    """The type of a field in a request, which checks the field's rule."""
    if field.free_text:
        return Annotated[field.type, Visible(field.free_text)]
    if field.schema is None:
        return Annotated[field.type, BeforeValidator(field.check)]
    return Annotated[field.type, BeforeValidator(field.check), Member(json_schema_extra=dict(field.schema))]


def in_request(field: Field) -> Definition:
    """The member in a request: optional."""
    return checked_type(field) | None, None


def in_patch(field: Field) -> Definition:
    """The member in a merge patch. Of an object, the rule is checked on the patched result instead."""
    if field.is_object:
        return Annotated[
            dict[str, Any], Member(description="A merge patch: null takes a member away")
        ] | None, None
    return in_request(field)


def in_reply(field: Field) -> Definition:
    """The member in a reply: null where the person has none."""
    return (field.type if _is_always_present(field) else field.type | None), ...


def in_reply_to_some(field: Field) -> Definition:
    """The member in a reply that leaves it out for some callers."""
    return field.type | None, None


def in_event(field: Field) -> Definition:
    """The member in an event: left out where the person has none."""
    if field.constant:
        return field.type, ...
    note = {"description": field.note} if field.note else {}
    kind = field.type if _is_always_present(field) else field.type | None
    return kind, Member(default=field.default, **cast("dict[str, Any]", note))


def in_previous(field: Field) -> Definition:
    """The member in an event's `previous`: null where the person had none."""
    return field.type | None, None


def _is_always_present(field: Field) -> bool:
    return field.constant or field.in_envelope or field.default is not None
