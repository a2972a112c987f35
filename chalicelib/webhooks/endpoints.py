"""What administrators do with webhooks: make, change, rotate, test, retry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib import events
from chalicelib.core import clock, ids
from chalicelib.core.errors import Conflict, FieldError, Invalid, NotFound
from chalicelib.core.outbound.targets import Unreachable, checked
from chalicelib.core.settings import settings
from chalicelib.webhooks import new_deliveries, secrets
from chalicelib.webhooks.delivery_store import deliveries
from chalicelib.webhooks.model import WEBHOOK_LIMIT, payload
from chalicelib.webhooks.queue import message, queue_all
from chalicelib.webhooks.replay import enabled_webhook
from chalicelib.webhooks.store import HEALTH, webhooks

if TYPE_CHECKING:
    from chalicelib.events import Event
    from chalicelib.webhooks.rows import DeliveryRow, WebhookRow

TEST_TYPE = "webhook.test"


def create(fields: dict[str, Any]) -> tuple[WebhookRow, str]:
    """Make a webhook: (the webhook, its secret). Raises Invalid for a URL that does not lead to the public Internet,
    and Conflict above the limit; two requests at once may exceed the limit by one."""
    _check_url(fields["url"])
    if len(webhooks().all()) >= WEBHOOK_LIMIT:
        raise Conflict(f"there are {WEBHOOK_LIMIT} webhooks already, and no more are allowed")
    webhook_id, secret = ids.new_id(), secrets.new_secret()
    return webhooks().create(webhook_id, secrets=[secrets.seal(webhook_id, secret)], **fields), secret


def change(webhook_id: str, patch: dict[str, Any], expected: int | None) -> WebhookRow:
    """Apply a merge patch. Enabling clears past failures. Raises Invalid for a URL that does not lead to the public
    Internet, NotFound for a webhook that there is not, and PreconditionFailed at another version than `expected`."""
    if "url" in patch:
        _check_url(patch["url"])
    webhook = webhooks().get(webhook_id)
    changes = {name: value for name, value in patch.items() if value is not None}
    if "url" in changes and changes["url"] != webhook["url"]:
        changes["url_since"] = clock.timestamp()
    removed = [name for name, value in patch.items() if value is None]
    if "types" in removed:
        removed.remove("types")
        changes["types"] = []
    if patch.get("enabled") is not None:
        removed += ["disabled_reason", *HEALTH]
    return webhooks().change(webhook, changes, remove=removed, expected=expected)


def rotate_secret(webhook_id: str, expected: int | None) -> tuple[WebhookRow, str]:
    """Give a webhook a new secret: (the webhook, the secret). The one before stays valid for a day."""
    webhook, secret = webhooks().get(webhook_id), secrets.new_secret()
    stored = secrets.rotated(webhook_id, webhook["secrets"], secret)
    return webhooks().change(webhook, {"secrets": stored}, expected=expected), secret


def test(webhook_id: str, past: dict[str, str] | None) -> DeliveryRow:
    """Send a past event, or a made-up one, to an endpoint now, whatever types it wants, and return the delivery.

    Raises NotFound for an event that history does not have, Conflict for a disabled webhook.
    """
    enabled_webhook(webhook_id)
    if past is None:
        row, _ = deliveries().create(new_deliveries.with_event(webhook_id, _test_event(webhook_id)))
        return _attempt_now(row)
    event = events.find(past["subject"], past["time"], past["id"])
    if event is None:
        raise NotFound("history has no such event")
    row, is_new = deliveries().create(new_deliveries.of_event(webhook_id, event))
    return _attempt_now(row if is_new else deliveries().reopen(row))


def retry(webhook_id: str, delivery_id: str) -> DeliveryRow:
    """Attempt a delivery once more, now, and return it. Raises like `test`."""
    enabled_webhook(webhook_id)
    return _attempt_now(deliveries().reopen(deliveries().get(webhook_id, delivery_id)))


def body(row: DeliveryRow) -> str | None:
    """What the next attempt of a delivery signs and sends, or None where history does not have the event."""
    event = deliveries().event(row)
    if event is None:
        return None
    return payload(events.without_the_erased(event, events.tombstones([row["subject"]]))).decode()


def _attempt_now(row: DeliveryRow) -> DeliveryRow:
    queue_all([message(row, on_demand=True)])
    return row


def _check_url(url: str) -> None:
    try:
        checked(url, local=settings().outbound_allow_http)
    except Unreachable as unreachable:
        raise Invalid([FieldError(field="url", message=unreachable.detail)]) from unreachable


def _test_event(webhook_id: str) -> Event:
    return {
        "specversion": "1.0",
        "id": f"webhooks:{webhook_id}:{ids.new_id()}",
        "source": settings().public_url,
        "type": TEST_TYPE,
        "subject": webhook_id,
        "time": clock.timestamp(),
        "datacontenttype": "application/json",
        "data": {"webhook": {"id": webhook_id}},
    }
