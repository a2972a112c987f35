"""Email addresses: which of them mail can reach, and what the spellings of one have in common.

One rule for every door: bodies of requests, rows of files, messages on queues, settings. It is what SES sends to
(https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_Destination.html): a local part in ASCII, not quoted, and a
domain that IDNA 2008 can write in ASCII.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

LIMIT = 254
"""Characters: RFC 5321, section 4.5.3.1.3, less the angle brackets."""

LOCAL_LIMIT = 64
"""Octets before the @: RFC 5321, section 4.5.3.1.1."""

TRIED_OUT = frozenset({"localhost", "test"})
"""Reserved domains that are accepted all the same, in every stage: people try Rollcall out with them."""

COMMENT = re.compile(r"\([^()]*\)")
"""RFC 5322, section 3.2.2."""


def reachable(value: object) -> str:
    """The address as it is kept and mailed to: its domain in lower case and Unicode.

    Raises ValueError where `value` is none, or none that mail can reach. The message does not quote it.
    """
    return str(_reachable(value).normalized)


def sendable(value: object) -> str:
    """The address as SES takes it: its domain in ASCII. Raises ValueError as `reachable` does."""
    parsed = _reachable(value)
    return str(value) if str(value).isascii() else f"{parsed.local_part}@{parsed.ascii_domain}"


def parsed(value: object) -> Any:
    """The parts of what is written like an address, of whatever letters, as email-validator has them. Raises
    ValueError."""
    library = _library()
    if not isinstance(value, str) or len(value) > LIMIT:
        raise ValueError("is not an email address")
    try:
        found = library.validate_email(
            value,
            check_deliverability=False,
            globally_deliverable=not value.lower().endswith("@localhost"),
        )
    except library.EmailNotValidError as error:
        raise ValueError("is not an email address") from error
    if found.local_part.isascii() and not value.rpartition("@")[0].isascii():
        raise ValueError("is not an email address")  # the sign for Kelvin is no K
    return found


def one_spelling(text: str) -> str:
    """What all spellings of an address have in common, however mail programs write it: a name before it, angle
    brackets, quotes, comments, blanks, a dot behind it, capitals, a domain in Unicode.

    For what stands for an address; it may be of what is none, and raises nothing.
    """
    bare = COMMENT.sub("", text).strip()
    if bare.endswith(">"):
        bare = bare[bare.rfind("<") + 1 : -1].strip()
    local, _, domain = bare.rpartition("@")
    return f"{local.strip().strip(chr(34))}@{_in_ascii(domain.strip().rstrip('.'))}".lower()


def _reachable(value: object) -> Any:
    found = parsed(value)
    if not found.local_part.isascii() or len(found.local_part) > LOCAL_LIMIT:
        raise ValueError("is not an email address that mail can reach")
    return found


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

    for domain in TRIED_OUT & {*email_validator.SPECIAL_USE_DOMAIN_NAMES}:
        email_validator.SPECIAL_USE_DOMAIN_NAMES.remove(domain)
    return email_validator
