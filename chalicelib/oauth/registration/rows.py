"""The rows of registration, in the table `grants`."""

from __future__ import annotations

from typing import TypedDict


class RegistrationToken(TypedDict):
    """`registration#<id>`: an initial access token (RFC 7591, section 1.2), by its hash."""

    id: str
    schema: int
    digest: str
    """SHA-256 of the token, in hex."""
    uses_left: int
    scopes: list[str]
    """What the applications that register by it may ask for at most."""
    audiences: list[str]
    """The resource servers (RFC 8707) that their tokens may be for."""
    created_at: str
    created_by: str
    """The id of the administrator."""
    good_until: int
    expires_at: int
