"""What the routes of operations take and give."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from chalicelib.core.http.models import Model, QueryModel

Figure = Annotated[float | None, Field(description="Of the last hour; null where CloudWatch has no data of it")]


class ApiFigures(BaseModel):
    requests: Figure
    client_errors: Figure
    server_errors: Figure
    p50_ms: Figure
    p99_ms: Figure


class QueueFigures(BaseModel):
    """`waiting`, `in_flight` and `delayed` are what SQS counts just now. `done` are all that were taken, also those
    that were parked."""

    id: str = Field(description="Of the part, as in the topology")
    name: str
    waiting: int
    in_flight: int
    delayed: int
    dead_letters: int
    oldest_seconds: Figure
    sent: Figure
    done: Figure


class DeadLetterCount(BaseModel):
    id: str
    name: str
    count: int


class FunctionFigures(BaseModel):
    """Durations are the highest of any five minutes: percentiles cannot be added up."""

    id: str
    name: str
    invocations: Figure
    errors: Figure
    throttles: Figure
    p50_ms: Figure
    p99_ms: Figure
    max_ms: Figure
    iterator_age_ms: Figure = Field(default=None, description="Of what reads a stream: how far it is behind")


class TopicFigures(BaseModel):
    id: str
    name: str
    published: Figure
    failed: Figure


class TableFigures(BaseModel):
    id: str
    name: str
    written_units: Figure
    read_throttles: Figure
    write_throttles: Figure


class AlarmState(BaseModel):
    name: str
    about: str | None = Field(description="The id of the part that it is about")
    state: Literal["ok", "alarm", "insufficient_data"]
    since: str | None
    reason: str
    description: str = Field(description="What it means, and what to look at first")


class Deployed(BaseModel):
    version: str
    runtime: str | None
    deployed_at: str


class CostLine(BaseModel):
    what: str
    count: float
    dollars: float


class IdleCost(BaseModel):
    """US dollars a month while nobody uses the stage, by AWS's list prices in us-east-1, after what is free."""

    dollars: float
    lines: list[CostLine]


class Operations(BaseModel):
    """How the stage is doing. Figures are made at most once a minute, and `as_of` says when."""

    as_of: str
    window_seconds: int
    no_data: str = Field(description="What a figure says that is null")
    api: ApiFigures
    queues: list[QueueFigures]
    dead_letters: list[DeadLetterCount]
    functions: list[FunctionFigures]
    topics: list[TopicFigures]
    tables: list[TableFigures]
    alarms: list[AlarmState] = Field(description="Those that go off")
    alarm_count: int = Field(description="How many there are")
    version: Deployed
    idle_cost: IdleCost | None


class AlarmList(BaseModel):
    """Every alarm, those that go off first."""

    items: list[AlarmState]
    next: None = None


class Node(BaseModel):
    id: str
    kind: str
    name: str
    aws_name: str | None


class Edge(BaseModel):
    source: str
    target: str
    kind: str


class Topology(BaseModel):
    """The parts of the stage, and what leads from one to another."""

    nodes: list[Node]
    edges: list[Edge]


class LettersQuery(QueryModel):
    limit: Annotated[int, Field(ge=1, le=50, description="Of each queue")] = 10


class QueueQuery(QueryModel):
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class DeadLetterView(BaseModel):
    """A message that could not be processed, without its contents."""

    id: str
    sent_at: str
    source: str
    reason: str
    times: int = Field(description="How often it was tried; 0 where nobody knows")
    keys: dict[str, str]


class DeadLetterContents(DeadLetterView):
    body: str
    is_whole: bool = Field(description="Whether that is all of it: 256 KB are shown")
    attributes: dict[str, str]


class DeadLetterQueue(BaseModel):
    queue: str
    count: int
    letters: list[DeadLetterView] = Field(description="Oldest first, of those that SQS handed out")


class DeadLetterQueues(BaseModel):
    queues: list[DeadLetterQueue]


LetterId = Annotated[str, Field(min_length=1, max_length=100)]


class Redrive(Model):
    """Which messages are tried again: those of some ids, or up to a number of them; without either, all."""

    ids: Annotated[list[LetterId], Field(min_length=1, max_length=100)] | None = None
    most: Annotated[int | None, Field(ge=1, le=10_000)] = None


class Outcome(BaseModel):
    id: str
    source: str
    outcome: str


class Kept(BaseModel):
    id: str
    source: str
    reason: str


class RedriveResult(BaseModel):
    """What became of it. Where `left` is above what was kept, time was up: ask again."""

    queue: str
    redriven: int
    outcomes: list[Outcome] = Field(description="Of the queues `streams` and `invocations`")
    kept: list[Kept]
    left: int


class KeyAge(BaseModel):
    """A key's age; never a key."""

    name: str
    made_at: str | None
    changed_at: str | None
    rotated_at: str | None
    next_rotation_at: str | None
    is_scheduled: bool
    rotation_days: int | None


class KeyAges(BaseModel):
    items: list[KeyAge]
    next: None = None


class Rotated(BaseModel):
    name: str
    rotation: Literal["started", "done"]


class SettingView(BaseModel):
    """A setting. `set_in` says where: `stages` (its object in `.chalice/stages.json`), `deployment`, `default`, or
    `unseen` for what went into the template and no function is handed."""

    name: str
    value: str | None
    default: str | None
    is_secret: bool
    is_set: bool
    set_in: Literal["stages", "deployment", "default", "unseen"]
    purpose: str


class SettingList(BaseModel):
    items: list[SettingView]
    next: None = None
