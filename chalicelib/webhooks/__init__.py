"""Webhooks: every event, signed after Standard Webhooks, to the endpoints that want it.

`fanout` makes one delivery per endpoint and event, `delivery` attempts it, `retries` brings back those whose time has
come. No delivery keeps an event's data. The first attempts carry it in their queue's messages; later ones read it
back from the history, so an erasure there reaches every delivery still to come.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.core.erasing import Erased

__all__ = ["erase"]


def erase(user_id: str) -> Erased:
    """Forget what endpoints answered to up to 100 deliveries about this person.

    That is all a delivery holds that could repeat personal data.
    """
    from chalicelib.webhooks.erasure import erase_answers

    return erase_answers(user_id)
