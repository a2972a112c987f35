"""Email addresses: which are accepted, and when two of them are one account."""

from __future__ import annotations

import unicodedata

from chalicelib.core import email_addresses
from chalicelib.core.email_addresses import LIMIT

__all__ = ["LIMIT", "check", "email_key", "earlier_key", "written"]


def check(value: object) -> str:
    """The address as it is kept and mailed to. Raises ValueError where mail cannot reach it.
    See `core.email_addresses`."""
    return email_addresses.reachable(value)


def written(value: object) -> str:
    """The address as it is kept, of whatever letters: for finding who came with one that mail cannot reach, by an
    import before that was asked of every address. Raises ValueError."""
    return str(email_addresses.parsed(value).normalized)


def email_key(address: str) -> str:
    """What two spellings of one address have in common: lower case before the @, IDNA 2008 after it. Raises ValueError.

    Mailbox providers take capitals for small letters, and nothing else: nothing is folded, so `moß` is not `moss`
    and no ligature its letters. Dots and plus signs count: only the mailbox's own server knows what they mean.
    """
    parsed = email_addresses.parsed(address)
    return f"{unicodedata.normalize('NFC', parsed.local_part.lower())}@{parsed.ascii_domain.lower()}"


def earlier_key(key: str) -> str:
    """What that key was before keys were no longer folded: another one only with letters beyond ASCII. Persons who
    came by then have it still."""
    return unicodedata.normalize("NFC", key.casefold())
