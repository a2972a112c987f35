"""Email addresses: which of them mail can reach, and the common form of an address's spellings.

One rule for every input: bodies of requests, rows of files, messages on queues, settings. It is what SES sends to
(https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_Destination.html): a local part in ASCII, not quoted, and a
domain that IDNA 2008 can write in ASCII.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

LIMIT = 254
"""The most characters: RFC 5321, section 4.5.3.1.3, without the angle brackets."""

LOCAL_LIMIT = 64
"""The most octets before the @: RFC 5321, section 4.5.3.1.1."""

TRIAL_DOMAINS = frozenset({"localhost", "test"})
"""Reserved domains that are accepted in every stage, because people try out Rollcall with them."""

COMMENT = re.compile(r"\([^()]*\)")
"""RFC 5322, section 3.2.2."""


def reachable(value: object) -> str:
    """The email address as it is stored and mailed to: its domain in lower case and Unicode.

    Raises ValueError where `value` is not an email address, or mail cannot reach it. The message does not quote it.
    """
    return str(_reachable(value).normalized)


def sendable(value: object) -> str:
    """The email address as SES accepts it: its domain in ASCII. Raises ValueError as `reachable` does."""
    parsed = _reachable(value)
    return str(value) if str(value).isascii() else f"{parsed.local_part}@{parsed.ascii_domain}"


def parsed(value: object) -> Any:
    """The parts of anything that has the form of an email address, in any letters, as email-validator returns them.
    Raises ValueError."""
    library = _library()
    if not isinstance(value, str) or len(value) > LIMIT:
        raise ValueError("is not an email address")
    try:
        parts = library.validate_email(
            value,
            check_deliverability=False,
            globally_deliverable=not value.lower().endswith("@localhost"),
        )
    except library.EmailNotValidError as error:
        raise ValueError("is not an email address") from error
    if parts.local_part.isascii() and not value.rpartition("@")[0].isascii():
        raise ValueError("is not an email address")  # the sign for Kelvin is no K
    return parts


def canonical(text: str) -> str:
    """The common form of all spellings of an email address by mail programs: with a name before it, angle brackets,
    quotes, comments, spaces, a dot at the end, capitals, a domain in Unicode.

    Use it to compare or to hash. It accepts any text, and raises nothing.
    """
    bare = COMMENT.sub("", text).strip()
    if bare.endswith(">"):
        bare = bare[bare.rfind("<") + 1 : -1].strip()
    local, _, domain = bare.rpartition("@")
    return f"{local.strip().strip(chr(34))}@{_in_ascii(domain.strip().rstrip('.'))}".lower()


def _reachable(value: object) -> Any:
    parts = parsed(value)
    if not parts.local_part.isascii() or len(parts.local_part) > LOCAL_LIMIT:
        raise ValueError("is not an email address that mail can reach")
    return parts


def _in_ascii(domain: str) -> str:
    if domain.isascii():
        return domain
    import idna

    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return domain


@cache
def _library() -> Any:
    import email_validator

    for domain in TRIAL_DOMAINS & {*email_validator.SPECIAL_USE_DOMAIN_NAMES}:
        email_validator.SPECIAL_USE_DOMAIN_NAMES.remove(domain)
    return email_validator
