"""What an event is: a CloudEvent whose id, sequence and time come only from the record that changed.

So the stream, the sweep and a replay of the same change agree, and a consumer recognises an event that comes again.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from chalicelib.core import clock, wire
from chalicelib.core.errors import Malformed

if TYPE_CHECKING:
    from chalicelib.core.aws.dynamo import Item

Event = dict[str, Any]
"""A CloudEvent in its JSON form: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md"""

SCHEMA_VERSION = 1
"""Of the data of every type. A change that could break a consumer raises it."""

DATA_LIMIT = 16 * 1024
"""Bytes of an event's data as JSON. Ten events of that size, their envelopes included, stay below the 256 KB of one
publish: https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html"""

VALUE_LIMIT = 8 * 1024
"""Bytes of an item's value as JSON, above which its event carries only size and digest."""

EXTENSIONS = {"requestid": "request_id", "actor": "changed_by", "traceparent": "traceparent"}
"""Extension attributes by the record's own stamps: in which request, by whom, and as a part of which trace
(https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/distributed-tracing.md)."""

SESSIONS_ENDED = "sessionsended"
"""The extension attribute of the first event of a change of a person that ended their sessions. It is no part of the
data, which may be left out."""

SESSION_KEPT = "sessionkept"
"""Beside it: the id of the session that the change has left."""

_KEY_PARTS = {"id": 900, "subject": 255}
"""The most characters of the parts of a key of history: a sort key may have 1,024 bytes. Our longest ids, those of
items, have about 400."""

EVENT_BYTES = 32 * 1024
"""Of a whole event as JSON: twice the limit of its data. A larger one is none of ours, and would be too large for a
consumer that sends it on."""

_REQUIRED = ("id", "source", "type", "subject", "time", "sequence")


class EventType(StrEnum):
    """Every type there is. Past tense: an event says what happened."""

    USER_REGISTERED = "user.registered"
    USER_CONFIRMED = "user.confirmed"
    USER_INVITED = "user.invited"
    USER_IMPORTED = "user.imported"
    USER_UPDATED = "user.updated"
    USER_EMAIL_CHANGED = "user.email_changed"
    USER_PASSWORD_CHANGED = "user.password_changed"
    USER_PASSWORD_RESET_REQUESTED = "user.password_reset_requested"
    USER_FACTORS_CHANGED = "user.factors_changed"
    USER_IDENTITY_LINKED = "user.identity_linked"
    USER_IDENTITY_UNLINKED = "user.identity_unlinked"
    USER_DISABLED = "user.disabled"
    USER_ENABLED = "user.enabled"
    USER_ROLES_CHANGED = "user.roles_changed"
    USER_BIRTHDAY = "user.birthday"
    USER_DELETED = "user.deleted"
    SESSION_STARTED = "session.started"
    SESSION_REVOKED = "session.revoked"
    SESSION_EXPIRED = "session.expired"
    SESSION_REUSE_DETECTED = "session.reuse_detected"
    SESSION_BLOCKED = "session.blocked"
    SESSION_FACTOR_FAILED = "session.factor_failed"
    ITEM_CHANGED = "item.changed"
    ITEM_DELETED = "item.deleted"
    IMPORT_FINISHED = "import.finished"
    EXPORT_FINISHED = "export.finished"
    CONSENT_GRANTED = "consent.granted"
    CONSENT_REVOKED = "consent.revoked"
    CLIENT_CREATED = "client.created"
    CLIENT_CHANGED = "client.changed"
    CLIENT_REMOVED = "client.removed"
    SEGMENT_ENTERED = "segment.entered"
    SEGMENT_LEFT = "segment.left"


def event_id(table: str, key: str, version: int, n: int) -> str:
    """`<table>:<key>:<version>:<n>`: `n` counts the events of one change, in their fixed order."""
    return f"{table}:{key}:{version}:{n}"


def record_of(event_id: str) -> tuple[str, str]:
    """The table and the key of the record whose change an event is, by its id. Both are empty for text of another
    form."""
    table, _, versioned = event_id.partition(":")
    key = versioned.rsplit(":", 2)[0]
    return (table, key) if key else ("", "")


def schema_url(public_url: str, event_type: str) -> str:
    """Where the JSON Schema of the type's data can be read."""
    return f"{public_url}/events/schemas/{event_type}/{SCHEMA_VERSION}"


def envelope(
    event_type: EventType, data: dict[str, Any], *, event_id: str, subject: str, record: Item, public_url: str
) -> Event:
    """The CloudEvent of one change. Its sequence, time, request and actor come from the record after the change.

    Data above DATA_LIMIT is replaced by a link. Raises Malformed where the record would make an event that no consumer
    takes: stamps that are not text, an id that is too long for a key.
    """
    if size_of(data) > DATA_LIMIT:
        data = too_large(public_url, subject, record["updated_at"])
    event: Event = {
        "specversion": "1.0",
        "id": event_id,
        "source": public_url,
        "type": str(event_type),
        "subject": subject,
        "time": record["updated_at"],
        "datacontenttype": "application/json",
        "dataschema": schema_url(public_url, event_type),
        "sequence": f"{int(record['version']):012d}",
    }
    event |= {name: record[stamp] for name, stamp in EXTENSIONS.items() if record.get(stamp)}
    event["data"] = data
    return checked(event)


def too_large(public_url: str, subject: str, time: str) -> dict[str, Any]:
    """What replaces data that are too large: a link to the person as they were after the change, for staff."""
    link = f"{public_url}/users/{quote(subject, safe='')}?at={time}"
    return {"data_omitted": True, "reason": "size", "link": link}


def marked(event: Event, *flags: str) -> Event:
    """The event with these extension attributes set to "true": `bulk`, `replayed`, `reconciled`."""
    return {**event, **dict.fromkeys(flags, "true")}


def redacted(event: Event) -> Event:
    """The event without its data, for a person who was erased. It still says what happened, and when."""
    return {**event, "data": {"data_omitted": True, "reason": "erasure"}}


def size_of(value: Any) -> int:
    """Bytes of a value as it is published."""
    return len(wire.to_json(value).encode())


def checked(document: Any) -> Event:
    """A message's JSON as an event. Raises Malformed where it is none of ours."""
    if not isinstance(document, dict) or document.get("specversion") != "1.0":
        raise Malformed("not a CloudEvent of version 1.0")
    missing = [name for name in _REQUIRED if not isinstance(document.get(name), str) or not document[name]]
    if missing:
        raise Malformed(f"a CloudEvent without {', '.join(missing)}")
    try:
        is_exact = clock.timestamp(clock.parse(document["time"])) == document["time"]
    except ValueError:
        is_exact = False
    if not is_exact:
        raise Malformed("a CloudEvent whose time is not in UTC with milliseconds")
    for name, limit in _KEY_PARTS.items():
        if len(document[name]) > limit or not document[name].isascii():
            raise Malformed(f"a CloudEvent whose {name} is above {limit} characters, or beyond ASCII")
    not_texts = [
        name for name in (*EXTENSIONS, SESSIONS_ENDED, SESSION_KEPT) if not isinstance(document.get(name, ""), str)
    ]
    if not_texts:
        raise Malformed(f"a CloudEvent whose {', '.join(not_texts)} is no text")
    if not isinstance(document.get("data", {}), dict):
        raise Malformed("a CloudEvent whose data is no object")
    if size_of(document) > EVENT_BYTES:
        raise Malformed(f"a CloudEvent above {EVENT_BYTES:,} bytes")
    return document
