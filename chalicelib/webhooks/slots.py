"""A slot of an endpoint for one attempt: of the few requests that it gets at the same time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.webhooks import model
from chalicelib.webhooks.delivery_store import deliveries
from chalicelib.webhooks.queue import queue_next
from chalicelib.webhooks.store import webhooks

if TYPE_CHECKING:
    from chalicelib.webhooks.messages import Message
    from chalicelib.webhooks.rows import DeliveryRow, WebhookRow


def take_slot(message: Message, delivery: DeliveryRow, webhook: WebhookRow) -> str:
    """Take a slot of the endpoint for this attempt. Returns empty where none is free: the attempt is postponed."""
    wait = timedelta() if message.asked else model.rest_left(webhook)
    if not wait:
        slot = webhooks().take_slot(webhook, delivery["id"], in_turn=not message.asked)
        if slot:
            return slot
    elif model.is_probed(webhook.get("failures", 0)):
        wait = model.WAIT_FOR_PROBE
    postponed = deliveries().postpone(delivery, wait + model.spread(delivery["id"]))
    queue_next(postponed, message.event, on_demand=message.asked)
    return ""
