"""Delivers past events once more, to one endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib import events
from chalicelib.core.errors import Conflict
from chalicelib.webhooks import new_deliveries
from chalicelib.webhooks.fanout import queue_first
from chalicelib.webhooks.model import url_changed_since, wants
from chalicelib.webhooks.store import webhooks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.events import Event
    from chalicelib.webhooks.rows import WebhookRow


def enabled_webhook(webhook_id: str) -> WebhookRow:
    """The webhook. Raises NotFound where there is none, Conflict where it is disabled."""
    webhook = webhooks().get(webhook_id)
    if not webhook["enabled"]:
        raise Conflict("the webhook is disabled: enable it first")
    return webhook


def deliver_again(webhook_id: str, past_events: Sequence[Event], requested_at: str) -> int:
    """Deliver those of the past events that the webhook wants, marked `replayed`, and return how many.

    A delivery that still waits for its next attempt stays as it is. It is safe to repeat: a delivery that was reopened
    and not queued is in the index of what is due. Raises what `enabled_webhook` does, and Conflict where the webhook's
    URL was changed since `requested_at`, because two factors were proved for the URL before.
    """
    webhook = enabled_webhook(webhook_id)
    if url_changed_since(webhook, requested_at):
        raise Conflict("the webhook's URL was changed since: resume the replay to send it there")
    wanted = [events.marked(event, "replayed") for event in past_events if wants(webhook["types"], event["type"])]
    for error in filter(
        None, queue_first([(new_deliveries.of_event(webhook_id, event), event) for event in wanted])
    ):
        raise error
    return len(wanted)
