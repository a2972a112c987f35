"""The domains of email addresses, by which connections say whom they are for."""

from __future__ import annotations

from chalicelib.core import email_addresses


def domain_of(email_address: str) -> str:
    """The domain of an email address, in ASCII and lower case. Raises ValueError."""
    return email_addresses.parsed(email_address).ascii_domain.lower()
