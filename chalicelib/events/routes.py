"""Events over HTTP: a person's history, the feed of all, replays of it, and the schemas of every type."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from chalicelib.core import clock, cursors
from chalicelib.core.http import (
    ADMIN,
    ANYONE,
    SUPPORT,
    ListQuery,
    Model,
    NoQuery,
    QueryModel,
    Reply,
    Request,
    Routes,
    listing,
)
from chalicelib.core.settings import settings
from chalicelib.events.catalog import CATALOG, CloudEvent, schema
from chalicelib.events.feed import from_cursor, horizon, read, to_cursor
from chalicelib.events.model import SCHEMA_VERSION, EventType, schema_url
from chalicelib.events.replay import start_replay
from chalicelib.events.store import event_in, history
from chalicelib.jobs import jobs

if TYPE_CHECKING:
    from chalicelib.core.dynamo import Item

routes = Routes("events")

UNLESS_ASKED = timedelta(hours=24)
"""How far back a reader begins who brings no position."""


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


def _moment(text: str) -> str:
    try:
        return clock.timestamp(clock.parse(text))
    except ValueError:
        raise ValueError("must be an RFC 3339 time with an offset") from None


def _later(until: str, info: ValidationInfo) -> str:
    if until <= info.data.get("since", ""):
        raise ValueError("must be later than `from`")
    return until


Moment = Annotated[str, AfterValidator(_moment)]


class NewReplay(Model):
    """A range of the feed, by the time of recording."""

    since: Moment = Field(alias="from", description="RFC 3339")
    until: Annotated[Moment, AfterValidator(_later)] = Field(alias="to", description="RFC 3339, not included")
    types: list[EventType] = Field(default=[], description="All where none is named")


class Replay(BaseModel):
    id: str
    status: Literal["waiting", "running", "finished", "failed", "cancelled"]
    published: int
    options: dict[str, Any]
    created_at: str
    updated_at: str


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


@routes.get("/users/{user_id}/history", who=SUPPORT, query=ListQuery, returns=EventList)
def list_history(request: Request[None, ListQuery], user_id: str) -> dict[str, Any]:
    """List the events of a user, newest first."""
    binding = ("/users/history", user_id, request.caller.id)
    start = cursors.open_sealed(request.query.cursor, *binding) if request.query.cursor else None
    page = history().of(user_id, limit=request.query.limit, start=start)
    following = cursors.seal(page.next, *binding) if page.next else None
    return listing([event_in(row) for row in page.items], following)


@routes.get("/events", who=ADMIN, query=FeedQuery, returns=Feed)
def follow_feed(request: Request[None, FeedQuery]) -> dict[str, Any]:
    """Follow all events in the order in which they were recorded, up to 10 seconds ago."""
    query = request.query
    after = from_cursor(query.after) if query.after else clock.timestamp(clock.now() - UNLESS_ASKED)

    def wanted(row: Item) -> bool:
        return query.type in {None, row["type"]} and query.user in {None, row["subject"]}

    chosen = wanted if query.type or query.user else None
    found = read(history(), after, horizon(), limit=query.limit, wanted=chosen)
    return listing([event_in(row) for row in found.rows], to_cursor(found.position))


@routes.post("/events/replay", who=ADMIN, body=NewReplay, returns=Replay, status=202, idempotent=True)
def replay_events(request: Request[NewReplay, NoQuery]) -> Replay:
    """Publish a range of events again, all types or some, marked `replayed`."""
    return _replay(start_replay(request.body.since, request.body.until, request.body.types))


@routes.get("/events/replay/{job_id}", who=ADMIN, returns=Replay)
def read_replay(_request: Request[None, NoQuery], job_id: str) -> Reply:
    """See how far a replay has come."""
    job = jobs().get(job_id, "replay")
    return Reply(_replay(job), version=job["version"])


@routes.get("/events/schemas", who=ANYONE, returns=SchemaList)
def list_schemas(_request: Request[None, NoQuery]) -> dict[str, Any]:
    """List the types of events, with where the schema of each one's data is."""
    links = [
        SchemaLink(type=kind, version=SCHEMA_VERSION, url=schema_url(settings().public_url, kind))
        for kind in CATALOG
    ]
    return listing([link.model_dump(mode="json") for link in links], None)


@routes.get("/events/schemas/{event_type}/{version}", who=ANYONE, returns=JsonSchema)
def read_schema(_request: Request[None, NoQuery], event_type: str, version: str) -> dict[str, Any]:
    """Read the JSON Schema of the data of one type of event."""
    return schema(event_type, version)


def _replay(job: Item) -> Replay:
    fields = {name: job[name] for name in ("id", "status", "options", "created_at", "updated_at")}
    return Replay(published=job["counts"]["published"], **fields)
