"""What the routes of lists of events, and of one event, take and give."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, field_validator, model_validator

from chalicelib.core.http.models import ListQuery, Moment, QueryModel
from chalicelib.event_bus.envelope import EventType
from chalicelib.events.catalog import CloudEvent  # noqa: TC001 - pydantic reads the type

TYPES_LIMIT = 20


class EventList(BaseModel):
    items: list[CloudEvent]
    next: str | None


class Feed(BaseModel):
    items: list[CloudEvent]
    next: str = Field(description="Where to go on reading, also when nothing was found: never null, never stale")
    at_end: bool = Field(description="Whether `to` is reached, where there is one: no more will come")


class _TypesQuery(QueryModel):
    type: str | None = Field(
        default=None, description=f"A type of events, or up to {TYPES_LIMIT}, separated by commas"
    )

    @field_validator("type")
    @classmethod
    def _are_types(cls, text: str | None) -> str | None:
        wanted = text.split(",") if text is not None else []
        if len(wanted) > TYPES_LIMIT:
            raise ValueError(f"names more than {TYPES_LIMIT} types")
        unknown = [name for name in wanted if name not in set(EventType)]
        if unknown:
            raise ValueError(f"no event has the type {unknown[0][:100]}")
        return text

    @property
    def types(self) -> frozenset[str]:
        """The wanted types; all, where there is none."""
        return frozenset(self.type.split(",") if self.type else ())


class HistoryQuery(ListQuery, _TypesQuery):
    since: Moment | None = Field(default=None, alias="from", description="RFC 3339: what happened from then on")
    until: Moment | None = Field(default=None, alias="to", description="RFC 3339, not included")


class FeedQuery(_TypesQuery):
    after: str | None = Field(
        default=None, description="`next` of the page before, or an RFC 3339 time; 24 hours ago if absent"
    )
    since: Moment | None = Field(
        default=None, alias="from", description="RFC 3339: what was recorded from then on; of the first page"
    )
    until: Moment | None = Field(
        default=None, alias="to", description="RFC 3339, not included: where the feed is to end"
    )
    user: str | None = Field(default=None, description="Only what is about this user")
    limit: Annotated[int, Field(ge=1, le=200)] = 50

    @model_validator(mode="after")
    def _begins_once(self) -> FeedQuery:
        if self.after is not None and self.since is not None:
            raise ValueError("`after` and `from` both name a beginning")
        return self


class EventQuery(QueryModel):
    """The event's own fields, which find it by one read."""

    subject: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    time: Moment | None = None
