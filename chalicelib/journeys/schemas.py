"""What the route of journeys gives."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class EventOfJourney(BaseModel):
    id: str
    type: str
    subject: str
    time: str


class InHistory(BaseModel):
    state: Literal["recorded"]
    at: str
    erased_at: str | None = Field(description="When its data were erased, if they were")


class InStatistics(BaseModel):
    """`not_counted` is by rule, `not_yet` while it waits; `unknown` is what was so long ago that no mark is left."""

    state: Literal["counted", "not_counted", "not_yet", "unknown"]
    counters: list[str] = Field(description="What it adds to")
    reason: str | None


class MailOfEvent(BaseModel):
    id: str
    template: str
    state: str
    created_at: str
    updated_at: str


class InMail(BaseModel):
    """`no_mail` is by rule. `none_found`: no mail names the event, whose reasons are then several."""

    state: Literal["mailed", "no_mail", "none_found"]
    reason: str | None
    mails: list[MailOfEvent]


class AttemptOfEvent(BaseModel):
    at: str
    milliseconds: int
    status: int | None = None
    error: str | None = None


class DeliveryOfEvent(BaseModel):
    """A delivery. The requests and answers of its attempts are in the list of the webhook's deliveries."""

    id: str
    state: Literal["waiting", "delivered", "failed"]
    tries: int
    replayed: bool = False
    attempts: list[AttemptOfEvent] = Field(description="The last twelve")
    next_at: str | None = Field(default=None, description="When the next attempt is due, if there is to be one")
    created_at: str


class AtWebhook(BaseModel):
    """`not_wanted` is by the webhook's types, `none` where there is no delivery."""

    webhook_id: str
    url: str
    enabled: bool
    state: Literal["waiting", "delivered", "failed", "not_wanted", "none"]
    reason: str | None
    delivery: DeliveryOfEvent | None


class ReplayOfEvent(BaseModel):
    id: str
    status: str
    webhook: str | None = Field(description="To which it goes; to the topic if null")
    sent: bool = Field(description="Whether it has passed the event")
    created_at: str


class Journey(BaseModel):
    """Webhooks that were removed and subscribers of your own are not in it: nothing is kept of them here."""

    event: EventOfJourney
    history: InHistory
    statistics: InStatistics
    mail: InMail
    webhooks: list[AtWebhook]
    replays: list[ReplayOfEvent] = Field(description="Of the newest 100 replays those of whose range it is")
