"""Email addresses: which are accepted, and when two of them are the same."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any

LIMIT = 254
"""Characters: RFC 5321, section 4.5.3.1.3, less the angle brackets."""

TRIED_OUT = frozenset({"localhost", "test"})
"""Reserved domains that are accepted all the same, in every stage: people try Rollcall out with them."""


def check(value: object) -> str:
    """The address as it is kept and mailed to: NFC, its domain in lower case and Unicode.

    Raises ValueError where `value` is none. The message does not quote it.
    """
    return str(_parsed(value).normalized)


def email_key(address: str) -> str:
    """What two spellings of one address have in common: NFC and case-folded before the @, IDNA 2008 after it.

    Dots and plus signs count: only the mailbox's own server knows what they mean. Raises ValueError.
    """
    parsed = _parsed(address)
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", parsed.local_part).casefold())
    return f"{folded}@{parsed.ascii_domain.lower()}"


def _parsed(value: object) -> Any:
    library = _library()
    if not isinstance(value, str) or len(value) > LIMIT:
        raise ValueError("is not an email address")
    try:
        return library.validate_email(
            value,
            check_deliverability=False,
            globally_deliverable=not value.lower().endswith("@localhost"),
        )
    except library.EmailNotValidError as error:
        raise ValueError("is not an email address") from error


@cache
def _library() -> Any:
    import email_validator

    for domain in TRIED_OUT & {*email_validator.SPECIAL_USE_DOMAIN_NAMES}:
        email_validator.SPECIAL_USE_DOMAIN_NAMES.remove(domain)
    return email_validator
