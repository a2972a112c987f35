"""Every type of event with the model of its data: what consumers program against, published as JSON Schema.

`tools/event_schemas.py` writes the schemas to `docs/events/`; `GET /events/schemas` serves them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter

from chalicelib.core.errors import NotFound
from chalicelib.event_bus.envelope import SCHEMA_VERSION, EventType
from chalicelib.events.countable import SIGN_IN_METHODS
from chalicelib.events.person_data import (
    Data,
    EmailChanged,
    OfIdentity,
    OfPerson,
    OnlyId,
    PersonDeleted,
    PersonUpdated,
    RolesChanged,
)

if TYPE_CHECKING:
    SignInMethod = str
else:
    SignInMethod = Literal[SIGN_IN_METHODS]


class Session(Data):
    id: str
    created_at: str
    expires_at: str
    agent: str | None = Field(default=None, description="The browser or app, as it called itself")
    connection: str | None = Field(
        default=None, description="The connection to the identity provider through which the person came"
    )


class SessionStarted(Data):
    session: Session
    new_device: bool = Field(
        default=False,
        description="Whether nobody had signed in as this person there before, as far as it can tell",
    )
    method: SignInMethod | None = Field(default=None, description="The first factor, where it is known")
    second_factor: bool = Field(default=False, description="Whether a second factor was proved too")
    after_import: bool = Field(
        default=False,
        description="Whether nobody had signed in as this person at all since an import brought them",
    )


class SessionEnded(Data):
    session: OnlyId


class SessionRevoked(SessionEnded):
    reason: str


class ItemChanged(Data):
    key: str
    at: str = Field(description="The writer's time, by which the last write wins")
    size: int = Field(description="Bytes of the value as JSON")
    sha256: str = Field(description="Of the value as compact JSON, in hexadecimal")
    value: Any = Field(default=None, description="Left out above 8 KB")


class ItemDeleted(Data):
    key: str


class Job(Data):
    id: str
    status: Literal["finished", "failed", "cancelled"]
    counts: dict[str, int | float]


class JobEnded(Data):
    job: Job


class Consent(Data):
    """What a person allowed an application, or no longer does."""

    client: str = Field(description="The id of the OAuth client")
    scopes: list[str] = Field(description="All that is allowed from then on, or was until then")
    resources: list[str] | None = Field(default=None, description="The audiences for which it is")


class OfConsent(OfPerson):
    consent: Consent


class OAuthClient(Data):
    """An OAuth client after the change. What it does not have is left out."""

    id: str
    type: str
    name: str
    roles: list[str]
    redirect_uris: list[str]
    post_logout_redirect_uris: list[str]
    backchannel_logout_uri: str | None = None
    scopes: list[str]
    grant_types: list[str]
    first_party: bool = Field(description="Whether people are not asked for their consent")
    token_endpoint_auth_method: str
    audiences: list[str]
    access_token_seconds: int | None = None
    refresh_token_days: int | None = None
    require_par: bool
    uri: str | None = None
    logo_uri: str | None = None
    source: str
    secret_made_at: str | None = None
    key_set: int | None = Field(default=None, description="Counts the changes of its keys")
    version: int
    created_at: str
    updated_at: str


class OfClient(Data):
    client: OAuthClient


class ClientChanged(OfClient):
    changed: list[str] = Field(description="Empty where a reconciled event cannot tell what changed")
    previous: dict[str, Any] = Field(description="What changed, as it was before; null where there was nothing")


class ClientRemoved(Data):
    client: OnlyId


class Segment(Data):
    id: str
    name: str = Field(description="As the segment was called then")


class SegmentEntered(Data):
    segment: Segment


class SegmentLeft(SegmentEntered):
    entered_at: str = Field(description="Since when they had been in it")


class Omitted(Data):
    """Instead of the data: it was above 16 KB (`link` leads administrators and support to the person as the change left
    them), or the person was erased."""

    data_omitted: Literal[True]
    reason: Literal["size", "erasure"]
    link: str | None = None


CATALOG: dict[EventType, type[Data]] = {
    EventType.USER_REGISTERED: OfPerson,
    EventType.USER_CONFIRMED: OfPerson,
    EventType.USER_INVITED: OfPerson,
    EventType.USER_IMPORTED: OfPerson,
    EventType.USER_UPDATED: PersonUpdated,
    EventType.USER_EMAIL_CHANGED: EmailChanged,
    EventType.USER_PASSWORD_CHANGED: OfPerson,
    EventType.USER_PASSWORD_RESET_REQUESTED: OfPerson,
    EventType.USER_FACTORS_CHANGED: OfPerson,
    EventType.USER_IDENTITY_LINKED: OfIdentity,
    EventType.USER_IDENTITY_UNLINKED: OfIdentity,
    EventType.USER_DISABLED: OfPerson,
    EventType.USER_ENABLED: OfPerson,
    EventType.USER_ROLES_CHANGED: RolesChanged,
    EventType.USER_BIRTHDAY: OfPerson,
    EventType.USER_DELETED: PersonDeleted,
    EventType.SESSION_STARTED: SessionStarted,
    EventType.SESSION_REVOKED: SessionRevoked,
    EventType.SESSION_EXPIRED: SessionEnded,
    EventType.SESSION_REUSE_DETECTED: SessionEnded,
    EventType.SESSION_BLOCKED: OfPerson,
    EventType.SESSION_FACTOR_FAILED: OfPerson,
    EventType.ITEM_CHANGED: ItemChanged,
    EventType.ITEM_DELETED: ItemDeleted,
    EventType.IMPORT_FINISHED: JobEnded,
    EventType.EXPORT_FINISHED: JobEnded,
    EventType.CONSENT_GRANTED: OfConsent,
    EventType.CONSENT_REVOKED: OfConsent,
    EventType.CLIENT_CREATED: OfClient,
    EventType.CLIENT_CHANGED: ClientChanged,
    EventType.CLIENT_REMOVED: ClientRemoved,
    EventType.SEGMENT_ENTERED: SegmentEntered,
    EventType.SEGMENT_LEFT: SegmentLeft,
}


class CloudEvent(BaseModel):
    """A CloudEvent 1.0. Its data follows the schema of its type, or says why it was left out."""

    specversion: Literal["1.0"]
    id: str = Field(description="<table>:<key>:<version>:<n>")
    source: str
    type: EventType
    subject: str = Field(
        description="The user's id; of import.finished and export.finished the job's, of client.* the client's"
    )
    time: str
    datacontenttype: Literal["application/json"]
    dataschema: str
    sequence: str = Field(description="The record's version: grows by one with each change")
    requestid: str | None = None
    actor: str | None = Field(default=None, description="Who did it: a user's or client's id")
    traceparent: str | None = Field(
        default=None, description="The trace of that request, as W3C Trace Context has it"
    )
    sessionsended: Literal["true"] | None = Field(
        default=None,
        description="Of a person: the change ended their sessions; on its first event alone",
    )
    sessionkept: str | None = Field(default=None, description="The id of the session that the change has left")
    bulk: Literal["true"] | None = None
    replayed: Literal["true"] | None = None
    reconciled: Literal["true"] | None = Field(
        default=None, description="Found missing and published late; versions in between may be gone"
    )
    recordedtime: str | None = Field(default=None, description="When history got it; only in lists of history")
    data: dict[str, Any]


def schema(event_type: str, version: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a type's data. Raises NotFound for an unknown type or version."""
    if event_type not in CATALOG or version != str(SCHEMA_VERSION):
        raise NotFound("there is no such event type or version")
    kind = EventType(event_type)
    model: Any = CATALOG[kind] | Omitted
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Data of {kind}, version {version}",
        **TypeAdapter(model).json_schema(),
    }
