"""The rows of the table `intents`."""

from __future__ import annotations

from typing import Literal, TypedDict

Purpose = Literal["register", "verify", "resend", "reset", "code", "email"]
"""`register` waits for its confirmation to become a person; `verify` is of a person who is there already; `code` is
to sign in with, and `email` a new address for whoever asked for it."""


class Intent(TypedDict, total=False):
    """What a stranger asked for with an address, or a person for themselves, until it is answered and used."""

    id: str
    schema: int
    purpose: Purpose
    email: str
    email_key: str
    created_at: str
    request_id: str
    traceparent: str
    expires_at: int
    network: str
    """A digest of the network it came from."""
    user_id: str
    """To whom it is bound."""
