"""The rows of deliveries as they begin: of an event to a webhook, and of the end of a session to an OAuth client."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.core import clock, wire
from chalicelib.core.aws import records
from chalicelib.webhooks import due_index
from chalicelib.webhooks.model import CLIENT_PREFIX, KEPT_DAYS, LOGOUT_GRACE, delivery_id, event_digest

if TYPE_CHECKING:
    from chalicelib.events import Event
    from chalicelib.oauth.back_channel import ClientSession
    from chalicelib.webhooks.rows import DeliveryRow


def of_event(webhook_id: str, event: Event) -> DeliveryRow:
    """The delivery of an event to a webhook."""
    row = _begun(webhook_id, delivery_id(event), event["type"], event["subject"])
    row |= {"event_id": event["id"], "at": f"{event['time']}#{event['id']}", "digest": event_digest(event)}
    if event.get("replayed") == "true":
        row["replayed"] = True
    return row


def with_event(webhook_id: str, event: Event) -> DeliveryRow:
    """The same with the event in it, for one that history does not have, and that holds no personal data."""
    row = of_event(webhook_id, event)
    row["event"] = wire.to_json(event)
    return row


def of_session_end(ended: ClientSession, event_type: str, event: Event | None = None) -> DeliveryRow:
    """The delivery to a client of the end of a session, or of all its sessions of a person, which `event` says; without
    it, an event of that type is still to come.

    It has the session's id: a session ends once, whatever says so. It is in the index of what is due from the
    beginning: whoever makes it may crash before it is queued, and what is queued may come too late for its token. What
    nobody queues is due at once.
    """
    delivery = ended.session_id or (delivery_id(event) if event else "")
    row = _begun(f"{CLIENT_PREFIX}{ended.client_id}", delivery, event_type, ended.user_id)
    if ended.session_id:
        row["session_id"] = ended.session_id
    if event:
        row["event_id"] = event["id"]
    row |= due_index.waiting(row, LOGOUT_GRACE if event else timedelta(), 0)  # type: ignore[typeddict-item]
    return row


def _begun(webhook_id: str, delivery: str, event_type: str, subject: str) -> DeliveryRow:
    return {
        "webhook_id": webhook_id,
        "id": delivery,
        "schema": records.SCHEMA,
        "type": event_type,
        "subject": subject,
        "state": "waiting",
        "tries": 0,
        "attempts": [],
        "created_at": clock.timestamp(),
        "expires_at": clock.epoch() + KEPT_DAYS * 86400,
    }
