"""Makes one delivery for each webhook that wants an event, and queues its first attempt.

A crash between the two is mended when the message comes again: a delivery that nobody has attempted is queued again,
and its claim keeps two messages from becoming two attempts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib import events
from chalicelib.core import batch
from chalicelib.webhooks.delivery_store import deliveries
from chalicelib.webhooks.model import wants
from chalicelib.webhooks.queueing import message as attempt
from chalicelib.webhooks.queueing import queue_all
from chalicelib.webhooks.store import webhooks

if TYPE_CHECKING:
    from chalicelib.core.dynamo import Item


def fan_out(event: dict[str, Any]) -> None:
    """Handle a batch of CloudEvents of the queue `webhooks`: the endpoints are read once for all of them."""
    endpoints = webhooks().enabled()
    wanted: list[dict[str, Any]] = []
    batch.from_queue(
        "webhooks",
        event,
        lambda message: wanted.extend(attempts(events.checked(message.json()), endpoints)),
        finish=lambda: queue_all(wanted),
    )


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
