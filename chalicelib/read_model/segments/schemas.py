"""What the routes of segments take and give."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - pydantic reads the type
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from chalicelib.accounts.schemas import PersonPatch  # noqa: TC001 - pydantic reads the type
from chalicelib.core.http.models import ListQuery, Model, QueryModel, Visible
from chalicelib.read_model.filters.limits import LENGTH
from chalicelib.read_model.schemas import PeopleCount  # noqa: TC001 - pydantic reads the type

Filter = Annotated[str, Field(max_length=LENGTH, description="As `q` of `GET /people/search`")]
Watched = Annotated[bool, Field(description="Whether entering and leaving it are events")]


class NewSegment(Model):
    name: Annotated[str, Visible(100)]
    filter: Filter
    watched: Watched = False


class SegmentPatch(Model):
    """A JSON merge patch: what is absent stays."""

    name: Annotated[str, Visible(100)] = ""
    filter: Filter = ""
    watched: Watched = False


class Segment(BaseModel):
    id: str
    name: str
    filter: str = Field(description="In the one form in which filters are stored")
    watched: bool
    timed: bool = Field(description="Whether time alone brings people in and out of it")
    settled: bool = Field(
        description="Whether the first members of its filter are all found: see `bulk` of events"
    )
    evaluated_at: str | None = Field(description="When everybody was last compared with it")
    version: int
    created_at: str
    updated_at: str
    created_by: str | None


class SegmentList(BaseModel):
    items: list[Segment]
    next: str | None


class PeopleOfSegmentQuery(ListQuery):
    sort: Annotated[str, Field(max_length=50, description="As of `GET /people/search`")] = "-created_at"
    count: Annotated[bool, Field(description="Whether to say how many people are in it")] = False


class CountsQuery(QueryModel):
    since: Annotated[date | None, Field(alias="from", description="A day in UTC; 30 days back if absent")] = None
    until: Annotated[date | None, Field(alias="to", description="The last day; today if absent")] = None
    by: Literal["day", "hour"] = "day"


class CountAt(BaseModel):
    at: str = Field(description="The hour in which they were counted, in UTC")
    people: int


class Counts(BaseModel):
    """How many people were in a segment over time: of a day, the last count of it."""

    now: PeopleCount
    items: list[CountAt]


class NewChanges(Model):
    patch: PersonPatch = Field(description="As the body of `PATCH /users/{user_id}`")
    dry_run: bool = False


class ChangesCounts(BaseModel):
    changed: int = 0
    unchanged: int = 0
    refused: int = 0


class ChangesView(BaseModel):
    """A change of all people of a segment."""

    id: str
    status: Literal["waiting", "running", "finished", "failed", "cancelled"]
    reason: str | None
    segment: str
    dry_run: bool
    counts: ChangesCounts
    created_at: str
    updated_at: str
    report: str | None = Field(
        default=None, description="A link to what became of each person, as JSON lines, for ten minutes"
    )


class ChangesList(BaseModel):
    items: list[ChangesView]
    next: str | None
