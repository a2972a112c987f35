"""Webhooks: every event, signed after Standard Webhooks, to the endpoints that want it.

`fanout` makes one delivery per endpoint and event, `delivery` attempts it, `retries` brings back those whose time has
come. No delivery keeps an event's data. The first attempts carry it in their queue's messages; later ones read it
back from the history, so an erasure there reaches every delivery still to come.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.core.erasure import Erased
    from chalicelib.events import Event

__all__ = ["check_enabled", "deliver_again", "erase"]


def check_enabled(webhook_id: str) -> None:
    """Raises NotFound where there is no such webhook, Conflict where it is disabled."""
    from chalicelib.webhooks.replay import enabled

    enabled(webhook_id)


def deliver_again(webhook_id: str, happened: Sequence[Event], asked_at: str) -> int:
    """Deliver events once more, to one webhook as far as it wants them and is where it was when that was asked for: how
    many. See `replaying`."""
    from chalicelib.webhooks import replay

    return replay.deliver_again(webhook_id, happened, asked_at)


def erase(user_id: str) -> Erased:
    """Forget what endpoints answered to up to 100 deliveries about this person.

    That is all a delivery holds that could repeat personal data.
    """
    from chalicelib.webhooks.erasure import erase_answers

    return erase_answers(user_id)
