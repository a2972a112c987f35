"""What the routes of searches take and give."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from chalicelib.accounts.schemas import DirectoryUser  # noqa: TC001 - pydantic reads the type
from chalicelib.core.http.models import ListQuery
from chalicelib.read_model.filters.limits import LENGTH


class SearchQuery(ListQuery):
    q: Annotated[str, Field(max_length=LENGTH, description="A filter; all people if empty")] = ""
    sort: Annotated[
        str,
        Field(max_length=50, description="A field, with - before it for the reverse; people without it come last"),
    ] = "-created_at"
    count: Annotated[bool, Field(description="Whether to say how many people are meant")] = False


class PeopleCount(BaseModel):
    value: int
    exact: bool = Field(description="False where it is an estimate, as it can be of more than 10,000")


class FoundPeople(BaseModel):
    items: list[DirectoryUser]
    next: str | None
    count: PeopleCount | None = Field(description="How many people the filter means, where that was asked")
