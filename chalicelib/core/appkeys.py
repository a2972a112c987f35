"""Keys derived from the stage's `app-keys` secret, one per purpose, so that no two uses share one.

The secret is a JSON object of numbered keys, `{"1": "<64 random characters>"}`; the highest number is current,
the others still verify what they made.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Literal

from chalicelib.core import clients

Purpose = Literal[
    "links", "cursors", "refresh", "import-ids", "webhooks", "codes", "devices", "factors", "idempotency"
]


def current_key_id() -> str:
    """The number of the key that makes new things."""
    return max(_secret(), key=int)


def key_ids() -> list[str]:
    """The numbers of all keys that still verify what they made."""
    return list(_secret())


def key_for(purpose: Purpose, key_id: str | None = None) -> bytes:
    """The 32-byte key of a purpose: HKDF's extract and one block of its expand step (RFC 5869, SHA-256).

    Raises KeyError for a number that the secret does not hold.
    """
    secret = _secret()[current_key_id() if key_id is None else key_id]
    extracted = hmac.digest(b"rollcall", secret.encode(), hashlib.sha256)
    return hmac.digest(extracted, purpose.encode() + b"\x01", hashlib.sha256)


def mac(purpose: Purpose, *parts: str, key_id: str | None = None) -> bytes:
    """HMAC-SHA256 over the parts, each framed by its length, under the purpose's key."""
    framed = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return hmac.digest(key_for(purpose, key_id), framed, hashlib.sha256)


def _secret() -> dict[str, str]:
    keys: dict[str, str] = json.loads(clients.secret("app-keys"))
    return keys
