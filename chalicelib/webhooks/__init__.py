"""Webhooks: every event is sent, signed as Standard Webhooks says, to the endpoints that want it. By the same engine
OAuth clients are told that a session has ended (`logouts`).

`fanout` makes one delivery for each endpoint and event, `delivery` attempts it, `retries` queues those whose next
attempt is due. No delivery keeps an event's data. The messages of the first attempts carry it; later attempts read it
from the history, so that an erasure there holds for every attempt after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from chalicelib.core.erasure import Erased
    from chalicelib.events import Event
    from chalicelib.oauth import back_channel
    from chalicelib.webhooks.rows import AtWebhook

__all__ = ["at_webhooks", "check_enabled", "deliver_again", "erase", "tell_of_removal", "wanted_types"]


def check_enabled(webhook_id: str) -> None:
    """Raises NotFound where there is no such webhook, Conflict where it is disabled."""
    from chalicelib.webhooks.replay import enabled_webhook

    enabled_webhook(webhook_id)


def at_webhooks(event: Event) -> list[AtWebhook]:
    """What became of an event at each webhook. See `of_event`."""
    from chalicelib.webhooks import of_event

    return of_event.at_webhooks(event)


def deliver_again(webhook_id: str, past_events: Sequence[Event], requested_at: str) -> int:
    """Deliver past events once more to one webhook, and return how many. See `replay`."""
    from chalicelib.webhooks import replay

    return replay.deliver_again(webhook_id, past_events, requested_at)


def wanted_types(webhook_id: str, types: Collection[str]) -> frozenset[str]:
    """Those of some types of events, or of all where none is named, that a webhook wants. Raises NotFound."""
    from chalicelib.events import EventType
    from chalicelib.webhooks.model import wants
    from chalicelib.webhooks.store import webhooks

    wanted = webhooks().get(webhook_id)["types"]
    return frozenset(each for each in types or EventType if wants(wanted, each))


def erase(user_id: str) -> Erased:
    """Erase what endpoints answered to up to 100 deliveries about this person.

    An answer is all of a delivery that could repeat personal data.
    """
    from chalicelib.webhooks.erasure import erase_answers

    return erase_answers(user_id)


def tell_of_removal(ended: Sequence[back_channel.ClientSession]) -> None:
    """Have clients told that these sessions of a removed person have ended. See `ended_sessions`."""
    from chalicelib.webhooks import ended_sessions

    ended_sessions.tell_of_removal(ended)
