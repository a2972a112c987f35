"""Identifiers and random secrets, in one place, so that tests can predict them."""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING

from ulid import ULID

from chalicelib.core import clock

if TYPE_CHECKING:
    from datetime import datetime


def new_id(moment: datetime | None = None) -> str:
    """A ULID (26 characters of Crockford's base 32) that sorts by its time of making."""
    return str(ULID.from_datetime(moment or clock.now()))


def id_from(digest: bytes) -> str:
    """The ULID-shaped id of the first 16 bytes of `digest`: the same bytes, the same id."""
    return str(ULID.from_bytes(digest[:16]))


def new_secret(size: int = 32) -> str:
    """`size` random bytes as URL-safe base64 without padding."""
    return base64url(secrets.token_bytes(size))


def base64url(data: bytes) -> str:
    """RFC 4648 section 5, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """The bytes of URL-safe base64 with or without padding. Raises ValueError where it is none."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
