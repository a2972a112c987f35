"""Makes one delivery for each webhook that wants an event, and for each OAuth client that has a grant in a session that
has ended, and queues its first attempt.

After a crash between the two the message comes again. Then a delivery without an attempt is queued again, and its
claim keeps two messages from becoming two attempts.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from chalicelib import events
from chalicelib.core.aws import batch
from chalicelib.core.errors import Unavailable
from chalicelib.webhooks import ended_sessions, new_deliveries, queue
from chalicelib.webhooks.delivery_store import deliveries
from chalicelib.webhooks.model import is_logout, is_of_its_time, wants
from chalicelib.webhooks.store import webhooks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.events import Event
    from chalicelib.webhooks.rows import DeliveryRow, WebhookRow

    Wanted = tuple[DeliveryRow, Event]
    """A delivery to be made, and the event that makes it."""


def fan_out(event: dict[str, Any]) -> None:
    """Handle a batch of CloudEvents of the queue `webhooks`: the endpoints are read once for all of them, and their
    deliveries are made 25 in a call."""
    endpoints = webhooks().enabled()

    def wanted(message: batch.Message) -> list[Wanted]:
        happened = events.checked(message.json())
        to_webhooks = [
            new_deliveries.of_event(webhook["id"], happened)
            for webhook in endpoints
            if wants(webhook["types"], happened["type"]) and _may_receive(webhook, happened)
        ]
        return [(row, happened) for row in (*ended_sessions.deliveries_of(happened), *to_webhooks)]

    def deliver(messages: list[list[Wanted]]) -> list[Exception | None]:
        errors = iter(queue_first([each for message in messages for each in message]))
        return [next(filter(None, list(islice(errors, len(message)))), None) for message in messages]

    batch.from_queue("webhooks", event, wanted, deliver)


def queue_first(wanted: Sequence[Wanted]) -> list[Exception | None]:
    """Make deliveries, and queue their first attempts. A replayed event is delivered again where its delivery has
    ended. Returns for each the error after which it must be wanted again, or None."""
    messages: list[dict[str, Any]] = []
    errors: list[Exception | None] = []
    outcomes = deliveries().create_all([row for row, _ in wanted])
    for (_, event), delivery in zip(wanted, outcomes, strict=True):
        try:
            if isinstance(delivery, Unavailable):
                raise delivery
            messages += _first_attempt(*delivery, event)
            errors.append(None)
        except Unavailable as error:
            errors.append(error)
    queue.queue_all(messages)
    return errors


def _first_attempt(row: DeliveryRow, is_new: bool, event: Event) -> list[dict[str, Any]]:
    """The message of the first attempt of a delivery, unless one is made or on its way. Raises Unavailable where a
    delivery that is to be made again is being attempted."""
    if not is_new and row["state"] != "waiting" and event.get("replayed") == "true":
        return [queue.message(deliveries().reopen(row, replayed=True), event)]
    if not is_new and (row["state"] != "waiting" or row["tries"]):
        return []
    return [queue.logout_message(row) if is_logout(row["webhook_id"]) else queue.message(row, event)]


def _may_receive(webhook: WebhookRow, event: Event) -> bool:
    """Whether a webhook may get an event of the topic: one of its own time, or one that it got before, at this URL."""
    if is_of_its_time(webhook, event):
        return True
    return "url_since" not in webhook and deliveries().exists(webhook["id"], event)
