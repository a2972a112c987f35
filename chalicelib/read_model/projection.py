"""What the read model's tables have of a record or an event: pure functions, for whatever order they come in.

A row is a dict with the columns that `statements` writes. Its texts have no NUL, which PostgreSQL's do not hold.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any

from chalicelib.event_bus.envelope import SESSION_KEPT, SESSIONS_ENDED, VALUE_LIMIT, EventType, record_of
from chalicelib.profile.fields import FIELDS, defaults

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chalicelib.event_bus.envelope import Event

Row = dict[str, Any]

PERSON_FIELDS = tuple(name for name in FIELDS if name != "identities")
"""The fields of a person that are columns of `people`. Identities have a table of their own."""

SEARCH_LIMIT = 4000
"""Characters of the text that is searched: name, address, and what the attributes begin with."""

_UNHELD = re.compile("[\0\ud800-\udfff]")

_ENDS = {EventType.SESSION_REVOKED: "", EventType.SESSION_EXPIRED: "expired"}


def person_row(person: Mapping[str, Any]) -> Row:
    """The row of `people` of a person who is there."""
    row = {name: clean(value) for name, value in {**defaults(), **person}.items() if name in PERSON_FIELDS}
    row["source"] = person.get("source")
    row["search"] = search_text(row)
    return row


def identity_rows(person: Mapping[str, Any]) -> list[Row]:
    """The rows of `identities` of a person."""
    return [
        {
            "user_id": person["id"],
            "id": identity["id"],
            "connection": identity["connection"],
            "linked_at": identity.get("linked_at"),
        }
        for identity in person.get("identities", ())
    ]


def tombstone(kind: str, owner: str, version: int, deleted_at: str, *, key: str = "") -> Row:
    """The row of `tombstones` of a person who was removed (`people`), or of their item that was deleted (`items`)."""
    return {"kind": kind, "owner": owner, "key": clean(key), "version": int(version), "deleted_at": deleted_at}


def item_row(item: Mapping[str, Any]) -> Row:
    """The row of `items` of an item that is there, by its record in DynamoDB."""
    size = int(item["size"])
    return {
        "user_id": item["user_id"],
        "key": clean(item["item_key"]),
        "version": int(item["version"]),
        "value": clean(json.loads(item["value"])) if size <= VALUE_LIMIT else None,
        "has_value": size <= VALUE_LIMIT,
        "size": size,
        "written_at": item["at"],
        "updated_at": item["updated_at"],
    }


def item_row_of(event: Event) -> Row | None:
    """The row of `items` by the event `item.changed`; None where its data was left out."""
    data = event["data"]
    if "key" not in data:
        return None
    return {
        "user_id": event["subject"],
        "key": clean(data["key"]),
        "version": int(event["sequence"]),
        "value": clean(data.get("value")),
        "has_value": "value" in data,
        "size": int(data["size"]),
        "written_at": data["at"],
        "updated_at": event["time"],
    }


def session_row(session: Mapping[str, Any], facts: Mapping[str, Any]) -> Row:
    """The row of `sessions` of one that started: its facts as `events.change` has them for `session.started`."""
    return _session(session["id"], session["user_id"], facts)


def session_row_of(event: Event) -> Row | None:
    """What an event says of a session, as a row of `sessions`; None where it says nothing of one."""
    data = event["data"]
    if "session" not in data:
        return None
    if event["type"] == EventType.SESSION_STARTED:
        return _session(data["session"]["id"], event["subject"], data)
    if event["type"] not in _ENDS:
        return None
    reason = _ENDS[EventType(event["type"])] or data.get("reason", "signed_out")
    ended = {"ended_at": event["time"], "end_reason": clean(reason)}
    return {**_session(data["session"]["id"], event["subject"], {}), **ended}


def _session(session_id: str, user_id: str, facts: Mapping[str, Any]) -> Row:
    about = facts.get("session", {})
    started = bool(facts)
    return {
        "id": session_id,
        "user_id": user_id,
        "started_at": about.get("created_at"),
        "expires_at": about.get("expires_at"),
        "method": facts.get("method"),
        "second_factor": bool(facts.get("second_factor")) if started else None,
        "new_device": bool(facts.get("new_device")) if started else None,
        "after_import": bool(facts.get("after_import")) if started else None,
        "connection": about.get("connection"),
        "agent": clean(about.get("agent")),
        "ended_at": None,
        "end_reason": None,
    }


def membership_row(membership: Mapping[str, Any]) -> Row:
    """The row of `memberships` of a person who is in a segment, or was, by its record in DynamoDB."""
    return {
        "segment_id": membership["segment_id"],
        "user_id": membership["user_id"],
        "version": int(membership["version"]),
        "entered_at": membership["entered_at"],
        "left_at": membership.get("left_at"),
    }


def membership_row_of(event: Event) -> Row | None:
    """What an event says of a person in a segment, as a row of `memberships`; None where it says nothing of that."""
    entered = event["type"] == EventType.SEGMENT_ENTERED
    if not (entered or event["type"] == EventType.SEGMENT_LEFT) or "segment" not in event["data"]:
        return None
    return {
        "segment_id": event["data"]["segment"]["id"],
        "user_id": event["subject"],
        "version": int(event["sequence"]),
        "entered_at": event["time"] if entered else event["data"].get("entered_at"),
        "left_at": None if entered else event["time"],
    }


def event_row(event: Event) -> Row:
    """The row of `events` of an event. Of its data it has neither the person nor what they wrote themselves: the tables
    of people, sessions and items have that."""
    data = {name: value for name, value in event["data"].items() if name not in {"user", "previous", "value"}}
    session = data.get("session")
    if isinstance(session, dict):
        data["session"] = {name: value for name, value in session.items() if name != "agent"}
    return {
        "id": event["id"],
        "time": event["time"],
        "type": event["type"],
        "subject": event["subject"],
        "version": int(event["sequence"]),
        "actor": clean(event.get("actor")),
        "request_id": clean(event.get("requestid")),
        "bulk": event.get("bulk") == "true",
        "session_id": session.get("id") if isinstance(session, dict) else None,
        "changed": data.pop("changed", None),
        "data": clean(data),
        "previous": clean(event["data"].get("previous")),
        "sessions_ended": event.get(SESSIONS_ENDED) == "true",
        "session_kept": event.get(SESSION_KEPT),
    }


def is_of_person(event: Event) -> bool:
    """Whether an event is of a change of a person's own record."""
    return record_of(event["id"])[0] == "users"


def search_text(person: Mapping[str, Any]) -> str:
    """Name, email address and the texts of the attributes, folded, each line beginning and ending with a space: a word
    of two letters can be found by its beginning then."""
    parts = [person.get("name"), person.get("email"), *_texts(person.get("attributes", {}))]
    text = "\n".join(f" {folded(part)} " for part in parts if part)
    return text[:SEARCH_LIMIT]


def folded(text: str) -> str:
    """The text without capitals, accents and doubled spaces, as searches compare it: `Å` is `a`, `ß` is `ss`."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.casefold().split())


def clean(value: Any) -> Any:
    """The value with U+FFFD for each NUL and each half of a surrogate pair in its texts: PostgreSQL holds neither."""
    if isinstance(value, str):
        if value.isascii():
            return value.replace("\0", "\ufffd") if "\0" in value else value
        return _UNHELD.sub("\ufffd", value)
    if isinstance(value, dict):
        return {clean(name): clean(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [clean(inner) for inner in value]
    return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
