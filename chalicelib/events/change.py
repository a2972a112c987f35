"""The events of a change: a pure function of the record before and after it.

Every version of a person, of an item, of an OAuth client and of a membership in a segment has at least one event. A
session has events when it starts and when it ends, a job when it is an import or export that ends. Their other versions
(a refresh, progress) have none.
"""

from __future__ import annotations

import json
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from chalicelib.core import clock
from chalicelib.core.errors import Malformed
from chalicelib.event_bus.envelope import (
    SESSION_KEPT,
    SESSIONS_ENDED,
    VALUE_LIMIT,
    Event,
    EventType,
    envelope,
    event_id,
    marked,
)
from chalicelib.events.client_facts import client_facts
from chalicelib.events.consent_facts import consent_facts
from chalicelib.events.countable import moved, way_in
from chalicelib.events.membership_facts import membership_facts
from chalicelib.profile import fields

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalicelib.core.aws.dynamo import Item

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

Fact = tuple[EventType, dict[str, Any]]
"""What an event is made from: its type and its data."""

MARKS = {
    "password_reset_requested_at": EventType.USER_PASSWORD_RESET_REQUESTED,
    "password_changed_at": EventType.USER_PASSWORD_CHANGED,
    "factors_changed_at": EventType.USER_FACTORS_CHANGED,
    "birthday_on": EventType.USER_BIRTHDAY,
    "blocked_at": EventType.SESSION_BLOCKED,
    "invited_at": EventType.USER_INVITED,
    "second_factor_failed_at": EventType.SESSION_FACTOR_FAILED,
}
"""Attributes of a person that say when something last happened to them: a change of one is an event. Only former
versions wrote that of a reset."""

CREATED_BY = {
    "registration": EventType.USER_REGISTERED,
    "admin": EventType.USER_REGISTERED,
    "invitation": EventType.USER_INVITED,
    "import": EventType.USER_IMPORTED,
    "connection": EventType.USER_REGISTERED,
}
"""The first event of a person, by the `source` of the record."""

JOB_ENDED = {"import": EventType.IMPORT_FINISHED, "export": EventType.EXPORT_FINISHED}
"""The kinds of jobs that others wait for."""

ENDED = frozenset({"finished", "failed", "cancelled"})


def _malformed_is_refused(convert: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Have a function raise Malformed for a record that is not well-formed. Others may have written it, and one such
    record must not stop the events of the others in its batch."""

    @wraps(convert)
    def converted(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        try:
            return convert(*args, **kwargs)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise Malformed(f"a record that makes no event ({type(error).__name__})") from error

    return converted


@_malformed_is_refused
def events_of(table: str, old: Item | None, new: Item | None, expired: bool, *, public_url: str) -> list[Event]:
    """The events of one change, in a fixed order, which their ids count. Empty where nothing happened.

    `old` and `new` are the record before and after, or None where there is none; `expired` says that DynamoDB's TTL
    deleted it. A tombstone, which has `deleted_at`, is a deleted record. Raises Malformed where an image lacks what
    every record of its table has.
    """
    if _has_no_events(table, new or old or {}):
        return []
    for image in (old, new):
        check(table, image)
    if old and new and old["version"] == new["version"]:
        return []
    record = new or _removed(old, expired)
    if record is None:
        return []
    facts = _FACTS[table](old if _exists(old) else None, record)
    bulk = bool(record.get("bulk")) if table == "segments" else table == "users" and _by_import(old, record)
    return [_event(table, record, n, fact, bulk=bulk, public_url=public_url) for n, fact in enumerate(facts)]


@_malformed_is_refused
def state_of(table: str, record: Item, *, public_url: str) -> Event | None:
    """The first event of the latest version of this record that has one, as far as the record alone can tell.

    The sweep publishes it where history lacks that version. The event of a changed person has them as they are now,
    without what changed, because the versions in between are lost. Raises Malformed as `events_of` does.
    """
    if not _has_no_events(table, record):
        check(table, record)
    if table == "sessions" and _exists(record):
        first_version = {"version": 1, "updated_at": record["created_at"]}
        stamps = {} if record["version"] == 1 else {"request_id": "", "changed_by": "", "traceparent": ""}
        record = {**record, **first_version, **stamps}
    if table == "users" and _exists(record) and record["version"] > 1:
        fact = (EventType.USER_UPDATED, {"user": fields.in_event(record), "changed": [], "previous": {}})
        return _event(table, record, 0, fact, bulk=False, public_url=public_url)
    return next(iter(events_of(table, None, record, expired=False, public_url=public_url)), None)


def record_key(table: str, record: Item) -> str:
    """A record's key within an event's id."""
    return f"{record['user_id']}/{record['item_key']}" if table == "items" else str(record["id"])


def subject_of(table: str, record: Item) -> str:
    """The subject of a record's events: the user id, or the id of a job or an OAuth client."""
    if table == "segments":
        return str(record["id"]).partition("/")[2]
    return str(record["user_id"] if table in {"sessions", "items"} else record["id"])


def check(table: str, image: Item | None) -> None:
    """Raises Malformed, naming the attributes that a record of this table lacks for its events."""
    required = {"items": ("user_id", "item_key"), "sessions": ("id", "user_id")}.get(table, ("id",))
    missing = [name for name in (*required, "version", "updated_at") if image is not None and name not in image]
    if missing:
        raise Malformed(f"a record of {table} without {', '.join(missing)}")


def _has_no_events(table: str, record: Item) -> bool:
    """Whether it is a row beside those whose changes are events: a part of a job, the definition of a segment."""
    beside = {"jobs": record.get("part") != "job", "segments": "/" not in str(record.get("id", ""))}
    return beside.get(table, False)


def _event(table: str, record: Item, n: int, fact: Fact, *, bulk: bool, public_url: str) -> Event:
    event = envelope(
        *fact,
        event_id=event_id(table, record_key(table, record), int(record["version"]), n),
        subject=subject_of(table, record),
        record=record,
        public_url=public_url,
    )
    if table == "users" and n == 0:
        event |= _ended_sessions(record)
    return marked(event, "bulk") if bulk else event


def _ended_sessions(person: Item) -> dict[str, str]:
    """What an event says of the sessions that this version of a person ended (`accounts.ended_sessions`)."""
    if person.get("sessions_since") != person["version"]:
        return {}
    kept = person.get("session_kept")
    return {SESSIONS_ENDED: "true", **({SESSION_KEPT: kept} if kept else {})}


def _users(old: Item | None, new: Item) -> list[Fact]:
    """The facts of a change of a person. The first one also says what changed of what can be counted."""
    (kind, data), *further = _person_facts(old, new)
    return [(kind, {**data, **moved(old, new)}), *further]


def _person_facts(old: Item | None, new: Item) -> list[Fact]:
    if not _exists(new):
        return [(EventType.USER_DELETED, {"user": {"id": new["id"]}})]
    user: dict[str, Any] = {"user": fields.in_event(new)}
    if old is None:
        created: list[Fact] = [(CREATED_BY.get(new.get("source", ""), EventType.USER_REGISTERED), user)]
        if new.get("source") in {"registration", "connection"} and new.get("email_verified"):
            created.append((EventType.USER_CONFIRMED, user))
        return created + _identity_facts({}, new, user)
    previous = _previous(old, new)
    user |= {"previous": previous}
    facts: list[Fact] = []
    if new.get("email_verified") and not old.get("email_verified"):
        facts.append((EventType.USER_CONFIRMED, user))
    if new.get("email") != old.get("email"):
        facts.append((EventType.USER_EMAIL_CHANGED, user))
    facts += [(kind, user) for mark, kind in MARKS.items() if new.get(mark) != old.get(mark) and mark in new]
    facts += [(kind, {**user, **consent}) for kind, consent in consent_facts(old, new)]
    if new.get("status") != old.get("status"):
        disabled = new.get("status") == "disabled"
        facts.append((EventType.USER_DISABLED if disabled else EventType.USER_ENABLED, user))
    if new.get("roles") != old.get("roles"):
        facts.append((EventType.USER_ROLES_CHANGED, user))
    facts += _identity_facts(old, new, user)
    changed = [name for name in fields.EDITED if name in previous]
    if changed or not facts:
        facts.append((EventType.USER_UPDATED, {**user, "changed": changed}))
    return facts


def _identity_facts(old: Item, new: Item, user: dict[str, Any]) -> list[Fact]:
    """One for each identity that came or went."""
    before, after = ({each["id"]: each for each in image.get("identities", ())} for image in (old, new))
    went = [(EventType.USER_IDENTITY_UNLINKED, before[key]) for key in before if key not in after]
    came = [(EventType.USER_IDENTITY_LINKED, after[key]) for key in after if key not in before]
    return [
        (kind, {**user, "identity": {"id": identity["id"], "connection": identity["connection"]}})
        for kind, identity in (*went, *came)
    ]


def started(session: Mapping[str, Any]) -> dict[str, Any]:
    """The data of `session.started` of a session that is there. Only a step-up has changed what they say."""
    about = {"created_at": session["created_at"], "expires_at": clock.timestamp_of(session["expires_at"])}
    optional = {name: session[name] for name in ("agent", "connection") if session.get(name)}
    first = {"after_import": True} if session.get("after_import") else {}
    return {
        "session": {"id": session["id"], **about, **optional},
        "new_device": session.get("new_device", False),
        **way_in(session),
        **first,
    }


def _sessions(old: Item | None, new: Item) -> list[Fact]:
    session = {"id": new["id"]}
    if _exists(new):
        return [(EventType.SESSION_STARTED, started(new))] if old is None else []
    reason = new.get("reason", "signed_out")
    if reason == _EXPIRED:
        return [(EventType.SESSION_EXPIRED, {"session": session})]
    revoked: list[Fact] = [(EventType.SESSION_REVOKED, {"session": session, "reason": reason})]
    return [*revoked, (EventType.SESSION_REUSE_DETECTED, {"session": session})] if reason == "reuse" else revoked


def _items(_old: Item | None, new: Item) -> list[Fact]:
    if not _exists(new):
        return [(EventType.ITEM_DELETED, {"key": new["item_key"]})]
    data = {"key": new["item_key"], "at": new["at"], "size": new["size"], "sha256": new["sha256"]}
    if new["size"] <= VALUE_LIMIT:
        data["value"] = json.loads(new["value"])
    return [(EventType.ITEM_CHANGED, data)]


def _jobs(old: Item | None, new: Item) -> list[Fact]:
    kind = JOB_ENDED.get(new["kind"])
    if kind is None or not _exists(new) or new["status"] not in ENDED or (old and old["status"] in ENDED):
        return []
    return [(kind, {"job": {"id": new["id"], "status": new["status"], "counts": new.get("counts", {})}})]


_FACTS = {
    "users": _users,
    "sessions": _sessions,
    "items": _items,
    "jobs": _jobs,
    "clients": client_facts,
    "segments": membership_facts,
}

_EXPIRED = "expired"


def _removed(old: Item | None, expired: bool) -> Item | None:
    """The tombstone for a record that was deleted without leaving one.

    None where it left one before, and for a job, whose end had its event. TTL ends a session at its `expires_at`. For a
    record that an operator deleted, the only time known is that of its last change.
    """
    if old is None or not _exists(old) or "part" in old:
        return None
    ended = clock.timestamp_of(old["expires_at"]) if expired and "expires_at" in old else old["updated_at"]
    stamps = {"version": old["version"] + 1, "updated_at": ended, "deleted_at": ended}
    names = ("id", "user_id", "item_key", "created_at")
    keys: Item = {name: old[name] for name in names if name in old}
    return {**keys, **stamps, "reason": _EXPIRED if expired else "removed"}


def _previous(old: Item, new: Item) -> dict[str, Any]:
    """The former values of what changed. All events of the change have them, so any one of these is enough."""
    changed = {name: old.get(name) for name in fields.IN_PREVIOUS if new.get(name) != old.get(name)}
    return {**changed, "updated_at": old["updated_at"]}


def _by_import(old: Item | None, new: Item) -> bool:
    if old is None or not _exists(old):
        return new.get("source") == "import"
    marks = ("import_job", "import_row")
    return "import_job" in new and any(new.get(mark) != old.get(mark) for mark in marks)


def _exists(image: Item | None) -> bool:
    return image is not None and "deleted_at" not in image
