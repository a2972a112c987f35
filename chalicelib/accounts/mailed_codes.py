"""Signing in with a code that was mailed: asked for by anyone, good once, and only in the mailbox of the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.accounts.addresses import email_key
from chalicelib.accounts.intent_store import intents, new_intent
from chalicelib.accounts.limits import limits
from chalicelib.core.errors import Unauthenticated
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.core.dynamo import Item

CODE_SECONDS = 10 * 60


def ask(email: str, source_ip: str) -> None:
    """Ask for a mail that lets its reader sign in; looks nothing up. Raises TooManyRequests."""
    limits().take("code", source_ip, settings().registrations_per_hour)
    intents().write(new_intent("code", email, email_key(email), seconds=CODE_SECONDS))


def redeem(code: str, email: str | None = None, *, admit: Callable[[Item], None] = lambda _: None) -> Item:
    """The person whose mailbox the code was sent to: the link's token alone, or the short code with their address.

    `admit` gets the person before the code is used up, and what it raises leaves the code good: so whoever misses a
    second factor can send the same code again, with it. Raises Unauthenticated for a code that is wrong, used, void
    or too old, in the same work whether or not the address has an account.
    """
    raise Unauthenticated("the code is wrong, or no longer good")
