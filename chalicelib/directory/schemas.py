"""What the routes of the directory take and give."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, Field, field_validator, model_validator

from chalicelib.accounts import folded_name, stands_alone
from chalicelib.accounts.schemas import DirectoryUser, KnownEmail  # noqa: TC001 - pydantic reads the types
from chalicelib.core import clock
from chalicelib.core.http.models import ListQuery, Moment, QueryModel
from chalicelib.profile import rules

NAME_LETTERS = 2
"""The shortest beginning of a name that can be looked for, but for one letter of Han, Hangul or Kana: it is the key of
an index."""


def _past(moment: str) -> str:
    if moment > clock.timestamp():
        raise ValueError("must not be in the future")
    return moment


class PersonQuery(QueryModel):
    at: (
        Annotated[
            Moment,
            AfterValidator(_past),
            Field(description="RFC 3339: as they were then, as far back as history is kept. Now if absent"),
        ]
        | None
    ) = None


class DirectoryQuery(ListQuery):
    """At least one filter; all that are given must hold."""

    email: KnownEmail | None = None
    name: Annotated[str, Field(max_length=rules.NAME_LIMIT)] | None = None
    age: Annotated[int, Field(ge=0, le=rules.AGE_LIMIT)] | None = None
    min_age: Annotated[int, Field(ge=0, le=rules.AGE_LIMIT)] | None = None
    max_age: Annotated[int, Field(ge=0, le=rules.AGE_LIMIT)] | None = None
    role: Annotated[str, Field(pattern=f"^{rules.ROLE.pattern}$")] | None = None
    created_after: Annotated[Moment, Field(description="RFC 3339, included")] | None = None
    created_before: Annotated[Moment, Field(description="RFC 3339, not included")] | None = None

    @field_validator("name")
    @classmethod
    def _long_enough(cls, name: str | None) -> str | None:
        folded = "" if name is None else folded_name(name)
        if name is not None and len(folded) < NAME_LETTERS and not (folded and stands_alone(folded)):
            raise ValueError(f"must begin with at least {NAME_LETTERS} letters of the name")
        return name

    @model_validator(mode="after")
    def _looks_for_something(self) -> Self:
        spans = (self.min_age, self.max_age)
        if self.age is not None and spans != (None, None):
            raise ValueError("age goes without min_age and max_age")
        if not self.model_dump(exclude={"limit", "cursor"}, exclude_none=True):
            raise ValueError(f"one of {', '.join(FILTERS)} is needed")
        if self.min_age is not None and self.max_age is not None and self.min_age > self.max_age:
            raise ValueError("min_age is above max_age")
        if self.created_after and self.created_before and self.created_after >= self.created_before:
            raise ValueError("created_after is not before created_before")
        return self


FILTERS = [name for name in DirectoryQuery.model_fields if name not in {"limit", "cursor"}]


class UserList(BaseModel):
    items: list[DirectoryUser]
    next: str | None
