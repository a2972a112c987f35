"""Delivers past events once more, to one endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib import events
from chalicelib.core.errors import Conflict
from chalicelib.webhooks.fanout import attempts
from chalicelib.webhooks.model import came_here_since, wants
from chalicelib.webhooks.queue import queue_all
from chalicelib.webhooks.store import webhooks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.core.aws.dynamo import Item
    from chalicelib.events import Event


def enabled(webhook_id: str) -> Item:
    """The webhook. Raises NotFound where there is none, Conflict where it is disabled."""
    webhook = webhooks().get(webhook_id)
    if not webhook["enabled"]:
        raise Conflict("the webhook is disabled: enable it first")
    return webhook


def deliver_again(webhook_id: str, happened: Sequence[Event], asked_at: str) -> int:
    """Deliver events, marked `replayed`, to one webhook as far as it wants them: how many that are.

    A delivery that still waits for its next attempt stays as it is. Again is safe: what was opened and not queued is in
    the index of what is due. Raises what `enabled` does, and Conflict where the webhook's URL was changed since
    `asked_at`: whoever asked proved two factors for the one before.
    """
    webhook = enabled(webhook_id)
    if came_here_since(webhook, asked_at):
        raise Conflict("the webhook's URL was changed since: resume the replay to send it there")
    wanted = [events.marked(event, "replayed") for event in happened if wants(webhook["types"], event["type"])]
    queue_all([attempt for event in wanted for attempt in attempts(event, [webhook])])
    return len(wanted)
