"""What the webhook routes take and give."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, model_validator

from chalicelib import events
from chalicelib.core import clock
from chalicelib.core.http.models import ListQuery, Model, Visible

GROUPS = frozenset(f"{event_type.partition('.')[0]}.*" for event_type in events.EventType)


def _distinct_types(types: list[str]) -> list[str]:
    unknown = [event_type for event_type in types if event_type not in GROUPS | set(events.EventType)]
    if unknown:
        raise ValueError(f"no event has the type {', '.join(unknown)[:200]}")
    return sorted(set(types))


def _time(text: str) -> str:
    try:
        clock.parse(text)
    except ValueError:
        raise ValueError("must be an event's time") from None
    return text


Url = Annotated[str, Field(max_length=2000, description="https, of a host on the public Internet")]
Wanted = Annotated[str, Field(json_schema_extra={"enum": sorted({*GROUPS, *events.EventType})})]
Types = Annotated[
    list[Wanted],
    AfterValidator(_distinct_types),
    Field(
        max_length=50, description="Types of events (`user.updated`) or groups (`user.*`); all where none is named"
    ),
]
Description = Annotated[str, Visible(500)]


class NewWebhook(Model):
    url: Url
    types: Types = Field(default_factory=list)
    description: Description | None = None


class WebhookPatch(Model):
    """A JSON merge patch (RFC 7396): what is absent stays, null takes away."""

    url: Url | None = None
    types: Types | None = None
    description: Description | None = None
    enabled: bool | None = None

    @model_validator(mode="after")
    def _stays_whole(self) -> WebhookPatch:
        taken = [
            name for name in ("url", "enabled") if name in self.model_fields_set and getattr(self, name) is None
        ]
        if taken:
            raise ValueError(f"{' and '.join(taken)} cannot be taken away")
        return self


class NewTest(Model):
    """A past event by its own `subject`, `time` and `id`; without them a `webhook.test` is made up."""

    subject: Annotated[str, Field(max_length=200)] | None = None
    time: Annotated[str, AfterValidator(_time), Field(json_schema_extra={"format": "date-time"})] | None = None
    id: Annotated[str, Field(max_length=1000)] | None = None

    @model_validator(mode="after")
    def _all_or_none(self) -> NewTest:
        if len({self.subject is None, self.time is None, self.id is None}) > 1:
            raise ValueError("a past event is named by its subject, time and id together")
        return self


class Webhook(BaseModel):
    """An endpoint. Its secret was shown when it was made."""

    id: str
    url: str
    types: list[str]
    description: str | None
    enabled: bool
    disabled_reason: str | None = Field(description="Why Rollcall disabled it, if it did")
    failing_since: str | None = Field(description="Since when it has only failed, if so")
    failures: int = Field(description="In a row")
    resumes_at: str | None = Field(
        description="Until then it rests or is only probed: it gets no request of its own"
    )
    delivered_at: str | None = Field(description="When it last took a delivery, since this is noted")
    created_by: str | None = Field(description="Who made it, and is told when it is disabled")
    created_at: str
    updated_at: str
    version: int


class NewWebhookWithSecret(Webhook):
    secret: str = Field(description="`whsec_…`, for any Standard Webhooks library. Shown this once")


class NewSecret(BaseModel):
    secret: str = Field(description="Shown this once")
    previous_valid_until: str = Field(description="Until then deliveries are also signed with the one before")


class WebhookList(BaseModel):
    items: list[Webhook]
    next: None


class SentRequest(BaseModel):
    """What was sent; its body is the event, whose id the delivery has."""

    url: str
    timestamp: str = Field(description="Sent as `webhook-timestamp`")
    signature: str = Field(description="Sent as `webhook-signature`")
    bytes: int = Field(description="Of the body")


class Attempt(BaseModel):
    """One request to the endpoint, and what came of it."""

    at: str
    milliseconds: int
    request: SentRequest | None = Field(default=None, description="Absent where nothing was sent")
    status: int | None = None
    response: str | None = Field(default=None, description="The first kilobyte of the answer")
    error: str | None = Field(default=None, description="Why there was no answer")


class Delivery(BaseModel):
    """One event to one endpoint. `id` is what its requests carry as `webhook-id`."""

    id: str
    event_id: str
    type: str
    subject: str
    state: Literal["waiting", "delivered", "failed"]
    replayed: bool = Field(default=False, description="Whether a replay sent the event, or sent it once more")
    attempts: list[Attempt] = Field(description="The last twelve")
    next_at: str | None = Field(description="When the next attempt is due, if there is to be one")
    created_at: str


class DeliveryWithBody(Delivery):
    """`body` is what is signed and sent, to the byte: that of the next attempt, which is that of earlier ones too,
    unless its person was erased or the event was replayed in between."""

    content_type: Literal["application/json"]
    user_agent: str
    body: str | None = Field(description="Null where history does not have the event")


class DeliveryList(BaseModel):
    items: list[Delivery]
    next: str | None


class LogoutAttempt(BaseModel):
    """One request to the client. What it answered is not kept, because it may repeat the token."""

    at: str
    milliseconds: int
    status: int | None = None
    error: str | None = Field(default=None, description="Why there was no answer")


class LogoutDelivery(BaseModel):
    """The end of one session, told to one client."""

    id: str = Field(description="The session's, where it is of one")
    session_id: str | None = Field(
        description="The `sid` of its tokens; null where they are of all sessions, of a consent that was withdrawn"
    )
    event_id: str | None = Field(description="Null where an erasure said so itself")
    type: str = Field(description="Of the event that said so first")
    user_id: str
    state: Literal["waiting", "delivered", "failed"]
    attempts: list[LogoutAttempt] = Field(description="The last twelve")
    next_at: str | None = Field(description="When the next attempt is due, if there is to be one")
    created_at: str


class LogoutDeliveryList(BaseModel):
    items: list[LogoutDelivery]
    next: str | None


class DeliveryQuery(ListQuery):
    state: Literal["waiting", "delivered", "failed"] | None = None


class WebhookDeliveryQuery(DeliveryQuery):
    """`type` is that of the events, `user` the id of the person whom they are about."""

    type: Annotated[str, Field(max_length=100)] | None = None
    user: Annotated[str, Field(max_length=200)] | None = None
