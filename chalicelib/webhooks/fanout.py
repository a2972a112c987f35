"""Makes one delivery for each webhook that wants an event, and queues its first attempt.

After a crash between the two the message comes again. Then a delivery without an attempt is queued again, and its
claim keeps two messages from becoming two attempts.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from chalicelib import events
from chalicelib.core.aws import batch
from chalicelib.webhooks import queue
from chalicelib.webhooks.delivery_store import deliveries
from chalicelib.webhooks.model import is_of_its_time, wants
from chalicelib.webhooks.store import webhooks

if TYPE_CHECKING:
    from chalicelib.events import Event
    from chalicelib.webhooks.rows import WebhookRow


def fan_out(event: dict[str, Any]) -> None:
    """Handle a batch of CloudEvents of the queue `webhooks`: the endpoints are read once for all of them."""
    endpoints = webhooks().enabled()

    def deliver(message: batch.Message) -> list[dict[str, Any]]:
        happened = events.checked(message.json())
        return first_attempts(happened, [webhook for webhook in endpoints if _may_receive(webhook, happened)])

    batch.from_queue(
        "webhooks", event, deliver, finish=lambda messages: queue.queue_all(list(chain.from_iterable(messages)))
    )


def _may_receive(webhook: WebhookRow, event: Event) -> bool:
    """Whether a webhook may get an event of the topic: one of its own time, or one that it got before, at this URL."""
    if is_of_its_time(webhook, event):
        return True
    return "url_since" not in webhook and deliveries().exists(webhook["id"], event)


def first_attempts(event: Event, endpoints: list[WebhookRow]) -> list[dict[str, Any]]:
    """The messages of the first attempts to deliver an event to these endpoints. A replayed event is delivered again
    where its delivery has ended."""
    messages = []
    for webhook in endpoints:
        if not wants(webhook["types"], event["type"]):
            continue
        row, is_new = deliveries().create(webhook["id"], event)
        if not is_new and row["state"] != "waiting" and event.get("replayed") == "true":
            row = deliveries().reopen(row, replayed=True)
            is_new = True
        if is_new or (row["state"] == "waiting" and row["tries"] == 0):
            messages.append(queue.message(row, event))
    return messages
