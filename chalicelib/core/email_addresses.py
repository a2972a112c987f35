"""Email addresses: which of them mail can reach, and the common form of an address's spellings.

One rule for every input: bodies of requests, rows of files, messages on queues, settings. It is what SES sends to
(https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_Destination.html): a local part in ASCII, not quoted, and a
domain that IDNA 2008 can write in ASCII.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any, NamedTuple

LIMIT = 254
"""The most characters: RFC 5321, section 4.5.3.1.3, without the angle brackets."""

LOCAL_LIMIT = 64
"""The most octets before the @: RFC 5321, section 4.5.3.1.1."""

TRIAL_DOMAINS = frozenset({"localhost", "test"})
"""Reserved domains that are accepted in every stage, because people try out Rollcall with them."""

PLAIN = re.compile(r"([a-zA-Z0-9_!#$%&'*+\-/=?^`{|}~]+(?:\.[a-zA-Z0-9_!#$%&'*+\-/=?^`{|}~]+)*)@([a-zA-Z0-9.-]+)")
"""What nearly every email address is: a dot-atom (RFC 5322, section 3.2.3) and a domain in ASCII."""

COMMENT = re.compile(r"\([^()]*\)")
"""RFC 5322, section 3.2.2."""


class Parts(NamedTuple):
    """The parts of an email address, in Unicode's NFC. The domain is in lower case: in Unicode, and as IDNA writes it
    in ASCII."""

    local_part: str
    domain: str
    ascii_domain: str

    @property
    def normalized(self) -> str:
        return f"{self.local_part}@{self.domain}"


def reachable(value: object) -> str:
    """The email address as it is stored and mailed to: its domain in lower case and Unicode.

    Raises ValueError where `value` is not an email address, or mail cannot reach it. The message does not quote it.
    """
    return _reachable(value).normalized


def sendable(value: object) -> str:
    """The email address as SES accepts it: its domain in ASCII. Raises ValueError as `reachable` does."""
    parsed = _reachable(value)
    return str(value) if str(value).isascii() else f"{parsed.local_part}@{parsed.ascii_domain}"


def parsed(value: object) -> Parts:
    """The parts of anything that has the form of an email address, in any letters. Raises ValueError."""
    if not isinstance(value, str) or len(value) > LIMIT:
        raise ValueError("is not an email address")
    return _parsed(value)


@lru_cache(maxsize=16)
def _parsed(value: str) -> Parts:
    """The rules are email-validator's. It takes 60 us, of which a plain address needs nothing but the verdict on its
    domain, and domains come again and again: files of an import have a million addresses, and few domains. A sign-in or
    a row asks for the same address up to three times."""
    plain = PLAIN.fullmatch(value)
    if plain and "xn--" not in plain[2].lower() and plain[1].lower() not in _lower_case_mailboxes():
        domain = _domain(plain[2])
        return Parts(plain[1], domain, domain)
    parts = _validated(value)
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


def _reachable(value: object) -> Parts:
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


@lru_cache(maxsize=1024)
def _domain(domain: str) -> str:
    """A domain in ASCII, without a label of IDNA, in lower case. Raises ValueError where mail has no such domain."""
    return _validated(f"a@{domain}").domain


def _validated(text: str) -> Parts:
    library = _library()
    try:
        parts = library.validate_email(
            text,
            check_deliverability=False,
            globally_deliverable=not text.lower().endswith("@localhost"),
        )
    except library.EmailNotValidError as error:
        raise ValueError("is not an email address") from error
    return Parts(parts.local_part, parts.domain, parts.ascii_domain)


@cache
def _lower_case_mailboxes() -> frozenset[str]:
    """Local parts that mean the same in capitals (RFC 2142), which the library writes in lower case."""
    from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES

    return frozenset(CASE_INSENSITIVE_MAILBOX_NAMES)


@cache
def _library() -> Any:
    import email_validator

    for domain in TRIAL_DOMAINS & {*email_validator.SPECIAL_USE_DOMAIN_NAMES}:
        email_validator.SPECIAL_USE_DOMAIN_NAMES.remove(domain)
    return email_validator
