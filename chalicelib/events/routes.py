"""Events over HTTP: a person's history, the feed of all, and the schemas of every type."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from chalice import Blueprint
from pydantic import BaseModel, ConfigDict, Field

from chalicelib.core import clock
from chalicelib.core.http.routing import (
    ADMIN,
    ANYONE,
    SUPPORT,
    AnyQuery,
    ListQuery,
    QueryModel,
    Reply,
    Request,
    declares,
    listing,
)
from chalicelib.core.settings import settings
from chalicelib.event_bus.envelope import SCHEMA_VERSION, EventType, schema_url
from chalicelib.events.catalog import CATALOG, CloudEvent, schema
from chalicelib.events.event_view import seen_by
from chalicelib.events.feed import from_cursor, horizon, read, to_cursor
from chalicelib.events.store import event_in, history

if TYPE_CHECKING:
    from chalicelib.events.rows import HistoryRow

events = Blueprint(__name__)

UNLESS_ASKED = timedelta(hours=24)
"""How far back a reader begins who brings no position."""


CACHED = {"Cache-Control": "public, max-age=3600"}
"""Of schemas, which are for anyone. A version of one may get further fields, with a deployment."""


class EventList(BaseModel):
    items: list[CloudEvent]
    next: str | None


class Feed(BaseModel):
    items: list[CloudEvent]
    next: str = Field(description="Where to go on reading, also when nothing was found: never null, never stale")


class FeedQuery(QueryModel):
    after: str | None = Field(
        default=None, description="`next` of the page before, or an RFC 3339 time; 24 hours ago if absent"
    )
    type: EventType | None = None
    user: str | None = Field(default=None, description="Only what is about this user")
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class SchemaLink(BaseModel):
    type: EventType
    version: int
    url: str


class SchemaList(BaseModel):
    items: list[SchemaLink]
    next: None


class JsonSchema(BaseModel):
    """A JSON Schema (2020-12)."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow")


@events.route("/users/{user_id}/history", methods=["GET", "HEAD"], content_types=[])
@declares(who=SUPPORT, query=ListQuery, answers={200: EventList, 303: None})
def list_history(request: Request[None, ListQuery], user_id: str) -> dict[str, Any]:
    """List the events of a user, newest first; to support, with what it sees of a person."""
    page_request = request.page_request()
    result_page = history().of(user_id, limit=page_request.limit, start=page_request.start)
    shown = [seen_by(event_in(row), request.caller.roles) for row in result_page.items]
    return listing(shown, page_request.cursor(result_page.next))


@events.route("/events", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, query=FeedQuery, answers={200: Feed, 303: None})
def follow_feed(request: Request[None, FeedQuery]) -> dict[str, Any]:
    """Follow all events in the order in which they were recorded, up to 10 seconds ago."""
    query = request.query
    after = from_cursor(query.after) if query.after else clock.timestamp(clock.now() - UNLESS_ASKED)

    def matches(row: HistoryRow) -> bool:
        return query.type in {None, row["type"]} and query.user in {None, row["subject"]}

    wanted = matches if query.type or query.user else None
    section = read(history(), after, horizon(), limit=query.limit, wanted=wanted)
    return listing([event_in(row) for row in section.rows], to_cursor(section.position))


@events.route("/events/schemas", methods=["GET", "HEAD"], content_types=[])
@declares(who=ANYONE, query=AnyQuery, answers={200: SchemaList})
def list_schemas(_request: Request[None, AnyQuery]) -> Reply:
    """List the types of events, with where the schema of each one's data is."""
    links = [
        SchemaLink(type=kind, version=SCHEMA_VERSION, url=schema_url(settings().public_url, kind))
        for kind in CATALOG
    ]
    return Reply(listing([link.model_dump(mode="json") for link in links], None), headers=CACHED)


@events.route("/events/schemas/{event_type}/{version}", methods=["GET", "HEAD"], content_types=[])
@declares(who=ANYONE, query=AnyQuery, answers={200: JsonSchema})
def read_schema(_request: Request[None, AnyQuery], event_type: str, version: str) -> Reply:
    """Read the JSON Schema of the data of one type of event."""
    return Reply(schema(event_type, version), headers=CACHED)
