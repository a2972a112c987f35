"""Email addresses: which are accepted, and which belong to the same account."""

from __future__ import annotations

import unicodedata

from chalicelib.core import email_addresses
from chalicelib.core.email_addresses import LIMIT

__all__ = ["LIMIT", "check", "earlier_key", "email_key", "written"]


def check(value: object) -> str:
    """The email address as it is stored and mailed to. Raises ValueError where mail cannot reach it.
    See `core.email_addresses`."""
    return email_addresses.reachable(value)


def written(value: object) -> str:
    """The email address as it is stored, without the check that mail can reach it: older imports accepted addresses
    that mail cannot reach, and this finds their persons. Raises ValueError for what is no email address."""
    return email_addresses.parsed(value).normalized


def email_key(email_address: str) -> str:
    """The one key of all spellings of an email address: lower case before the @, IDNA 2008 after it. Raises ValueError.

    Mailbox providers treat capitals as small letters, and that is all: nothing is case-folded, so `moß` is not `moss`
    and a ligature is not its letters. Dots and plus signs count: only the mailbox's own server knows their meaning.
    """
    parsed = email_addresses.parsed(email_address)
    return f"{unicodedata.normalize('NFC', parsed.local_part.lower())}@{parsed.ascii_domain.lower()}"


def earlier_key(key: str) -> str:
    """The email key in its older, case-folded form, which differs only for letters beyond ASCII. Persons who registered
    at that time still have it."""
    return unicodedata.normalize("NFC", key.casefold())
