"""Makes one delivery for each webhook that wants an event, and queues its first attempt.

A crash between the two is mended when the message comes again: a delivery that nobody has attempted is queued again,
and its claim keeps two messages from becoming two attempts.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from chalicelib import events
from chalicelib.core.aws import batch
from chalicelib.webhooks.delivery_store import deliveries
from chalicelib.webhooks.model import is_due, wants
from chalicelib.webhooks.queue import message as attempt
from chalicelib.webhooks.queue import queue_all
from chalicelib.webhooks.store import webhooks

if TYPE_CHECKING:
    from chalicelib.core.aws.dynamo import Item


def fan_out(event: dict[str, Any]) -> None:
    """Handle a batch of CloudEvents of the queue `webhooks`: the endpoints are read once for all of them."""
    endpoints = webhooks().enabled()

    def send(message: batch.Message) -> list[dict[str, Any]]:
        happened = events.checked(message.json())
        return attempts(happened, [webhook for webhook in endpoints if _may_hear(webhook, happened)])

    batch.from_queue("webhooks", event, send, finish=lambda wanted: queue_all(list(chain.from_iterable(wanted))))


def _may_hear(webhook: Item, event: dict[str, Any]) -> bool:
    """Whether the topic may tell a webhook of an event: of its own time, or that it was told of before, at this URL."""
    if is_due(webhook, event):
        return True
    return "url_since" not in webhook and deliveries().is_known(webhook["id"], event)


def attempts(event: dict[str, Any], endpoints: list[Item]) -> list[dict[str, Any]]:
    """The first attempts of an event at these endpoints, to be queued. A replayed event is delivered again where that
    was over and done with."""
    queued = []
    for webhook in endpoints:
        if not wants(webhook["types"], event["type"]):
            continue
        row, is_new = deliveries().create(webhook["id"], event)
        if not is_new and row["state"] != "waiting" and event.get("replayed") == "true":
            row = deliveries().reopen(row, replayed=True)
            is_new = True
        if is_new or (row["state"] == "waiting" and row["tries"] == 0):
            queued.append(attempt(row, event))
    return queued
