"""Events over HTTP: a person's history, the feed of all, and the schemas of every type."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from chalice import Blueprint
from pydantic import BaseModel, ConfigDict

from chalicelib.core import clock
from chalicelib.core.http.routing import (
    ADMIN,
    ANYONE,
    SUPPORT,
    AnyQuery,
    Reply,
    Request,
    declares,
    listing,
)
from chalicelib.core.settings import settings
from chalicelib.event_bus.envelope import SCHEMA_VERSION, EventType, schema_url
from chalicelib.events.catalog import CATALOG, CloudEvent, schema
from chalicelib.events.event_view import is_shown, seen_by
from chalicelib.events.feed import from_cursor, horizon, read, to_cursor
from chalicelib.events.lookup import find_row
from chalicelib.events.schemas import EventList, EventQuery, Feed, FeedQuery, HistoryQuery
from chalicelib.events.store import event_in, history

if TYPE_CHECKING:
    from chalicelib.events.rows import HistoryRow

events = Blueprint(__name__)

UNLESS_ASKED = timedelta(hours=24)
"""How far back a reader begins who brings no position."""


CACHED = {"Cache-Control": "public, max-age=3600"}
"""Of schemas, which are for anyone. A version of one may get further fields, with a deployment."""


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
@declares(who=SUPPORT, query=HistoryQuery, answers={200: EventList, 303: None})
def list_history(request: Request[None, HistoryQuery], user_id: str) -> dict[str, Any]:
    """List the events of a user, newest first, all or some; to support, with what it sees of a person."""
    query, page_request = request.query, request.page_request()
    result_page = history().of(
        user_id,
        limit=page_request.limit,
        start=page_request.start,
        since=query.since or "",
        until=query.until or "~",
        types=query.types,
    )
    roles = request.caller.roles
    shown = [seen_by(event, roles) for event in map(event_in, result_page.items) if is_shown(event, roles)]
    return listing(shown, page_request.cursor(result_page.next))


@events.route("/events", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, query=FeedQuery, answers={200: Feed, 303: None})
def follow_feed(request: Request[None, FeedQuery]) -> dict[str, Any]:
    """Follow all events in the order in which they were recorded, up to 10 seconds ago."""
    query = request.query
    after = from_cursor(query.after) if query.after else query.since or clock.timestamp(clock.now() - UNLESS_ASKED)
    end = min(horizon(), query.until or "~")

    def matches(row: HistoryRow) -> bool:
        return (not query.types or row["type"] in query.types) and query.user in {None, row["subject"]}

    wanted = matches if query.types or query.user else None
    section = read(history(), after, end, limit=query.limit, wanted=wanted)
    at_end = query.until is not None and section.position >= query.until
    return {**listing([event_in(row) for row in section.rows], to_cursor(section.position)), "at_end": at_end}


@events.route("/events/{event_id}", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, query=EventQuery, answers={200: CloudEvent})
def read_event(request: Request[None, EventQuery], event_id: str) -> dict[str, Any]:
    """Read one event, as history has it now."""
    return event_in(find_row(event_id, request.query.subject, request.query.time))


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
