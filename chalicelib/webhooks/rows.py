"""The rows of the tables `webhooks` and `deliveries`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NotRequired, TypedDict

State = Literal["waiting", "delivered", "failed"]
"""Of a delivery. `failed` is the end of its schedule, or of its webhook."""


class SealedSecret(TypedDict):
    """A signing secret as it is stored (`core.crypto.seals`). `until` is of the one before the current one: epoch
    seconds up to which it signs too."""

    key: str
    sealed: bytes
    until: NotRequired[int]


class WebhookRow(TypedDict):
    """A webhook, with `realm` `all`. Times are timestamps. The realm `clients` has the health of the OAuth clients that
    are told of the end of sessions: these rows have an id, stamps, slots and health alone.

    Beside these it may have attributes `place_0` to `place_3`: the epoch seconds up to which an attempt holds a slot.
    """

    realm: Literal["all", "clients"]
    id: str
    schema: int
    version: int
    created_at: str
    updated_at: str
    url: str
    types: list[str]
    enabled: bool
    secrets: list[SealedSecret]
    """The current one first."""
    description: NotRequired[str]
    created_by: NotRequired[str]
    """The id of the person."""
    url_since: NotRequired[str]
    """Since when it has this URL, where it had another before."""
    disabled_reason: NotRequired[str]
    failures: NotRequired[int]
    """In a row."""
    failing_since: NotRequired[str]
    probe_at: NotRequired[str]
    """Before this time the endpoint gets no request, except one that an administrator asks for."""
    delivered_at: NotRequired[str]
    """When it last answered that it took a delivery."""


class RemovedWebhook(TypedDict):
    """What is left of a webhook that was removed."""

    realm: Literal["removed"]
    id: str
    schema: int
    removed_at: str


class SentRequest(TypedDict):
    """The request of an attempt. `timestamp` and `signature` are its headers, `bytes` is the size of its body."""

    url: str
    timestamp: str
    signature: str
    bytes: int


class Attempt(TypedDict):
    """One attempt of a delivery: an answer's `status` and `response`, or an `error`."""

    at: str
    milliseconds: int
    request: NotRequired[SentRequest]
    status: NotRequired[int]
    response: NotRequired[str]
    error: NotRequired[str]


class DeliveryKey(TypedDict):
    """Of a delivery."""

    webhook_id: str
    id: str


class DeliveryRow(DeliveryKey):
    """One event for one webhook; or the end of one session for one OAuth client: its `webhook_id` is `client:` and the
    client's id. Times are timestamps, or epoch seconds where they are numbers."""

    schema: int
    type: str
    subject: str
    event_id: NotRequired[str]
    """Absent where an erasure told a client."""
    session_id: NotRequired[str]
    """Of a delivery to an OAuth client: the session that has ended, whose id is the delivery's too. Absent where all
    sessions of the person end there."""
    at: NotRequired[str]
    """The key of a webhook's event in history: its time, `#`, its id."""
    digest: NotRequired[str]
    """SHA-256 of a webhook's event (`model.event_digest`)."""
    state: State
    tries: int
    attempts: list[Attempt]
    """The last twelve."""
    created_at: str
    expires_at: int
    event: NotRequired[str]
    """The event as JSON, where history does not have it."""
    replayed: NotRequired[bool]
    asked_at: NotRequired[str]
    """When it was last asked for again."""
    claimed_until: NotRequired[int]
    next_at: NotRequired[str]
    due_shard: NotRequired[str]
    due_at: NotRequired[str]
    """`next_at`, `#`, the attempts before that one: where it is in the index of what is due."""


@dataclass(frozen=True)
class AtWebhook:
    """A webhook, whether it wants events of the type now, and the delivery of the event to it, if there is one."""

    webhook: WebhookRow
    is_wanted: bool
    delivery: DeliveryRow | None
