"""What became of one event at each webhook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.webhooks.delivery_store import deliveries
from chalicelib.webhooks.model import delivery_id, wants
from chalicelib.webhooks.rows import AtWebhook, DeliveryKey
from chalicelib.webhooks.store import webhooks

if TYPE_CHECKING:
    from chalicelib.events import Event


def at_webhooks(event: Event) -> list[AtWebhook]:
    """The event at each webhook that there is: the keys of its deliveries follow from the event, so this is a query and
    one batch read."""
    endpoints = webhooks().all()
    keys = [DeliveryKey(webhook_id=webhook["id"], id=delivery_id(event)) for webhook in endpoints]
    rows = deliveries().find_all(keys) if keys else []
    return [
        AtWebhook(webhook, wants(webhook["types"], event["type"]), row)
        for webhook, row in zip(endpoints, rows, strict=True)
    ]
