"""Which OAuth clients are to be told that a session has ended: those that have a grant in it.

An event says that one session has ended, or that a change of a person ended theirs by the person's version. An erasure
tells for itself, before it removes the grants. A consent that is withdrawn has removed the client's grants: so it is
told of all sessions of the person, and without their ids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib import oauth
from chalicelib.core.errors import Malformed
from chalicelib.events import SESSION_KEPT, SESSIONS_ENDED, EventType
from chalicelib.webhooks import new_deliveries
from chalicelib.webhooks.delivery_store import deliveries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.events import Event
    from chalicelib.oauth.back_channel import ClientSession
    from chalicelib.webhooks.rows import DeliveryRow


def deliveries_of(event: Event) -> list[DeliveryRow]:
    """The deliveries that an event makes, none where it comes again by a replay: at most one query, and one batch read
    where there are grants."""
    return [new_deliveries.of_session_end(ended, event["type"], event) for ended in _ended(event)]


def tell_of_removal(sessions: Sequence[ClientSession]) -> None:
    """Make the deliveries of a removed person's sessions, which the schedule queues. Raises Unavailable where DynamoDB
    has no room for them for about a second: it is safe to repeat."""
    rows = [new_deliveries.of_session_end(ended, EventType.USER_DELETED) for ended in sessions]
    for outcome in deliveries().create_all(rows):
        if isinstance(outcome, Exception):
            raise outcome


def _ended(event: Event) -> list[ClientSession]:
    if event.get("replayed") == "true":
        return []
    if event["type"] in {EventType.SESSION_REVOKED, EventType.SESSION_EXPIRED}:
        session_id = _named(event, "session", "id")
        return oauth.back_channel.in_session(session_id) if session_id else []
    if event["type"] == EventType.CONSENT_REVOKED:
        client_id = _named(event, "consent", "client")
        return oauth.back_channel.of_consent(client_id, event["subject"]) if client_id else []
    if event.get(SESSIONS_ENDED) == "true":
        return oauth.back_channel.before(event["subject"], _version(event), event.get(SESSION_KEPT))
    return []


def _named(event: Event, member: str, name: str) -> str:
    """A text in an object of the event's data; empty where there is none."""
    described = event.get("data", {}).get(member)
    text = described.get(name) if isinstance(described, dict) else None
    return text if isinstance(text, str) else ""


def _version(event: Event) -> int:
    """Of the person. Raises Malformed where the event is none of ours."""
    try:
        return int(event["sequence"])
    except ValueError as error:
        raise Malformed("a CloudEvent whose sequence is no number") from error
