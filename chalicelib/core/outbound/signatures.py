"""What proves who sent a request of ours, and when: the three headers of Standard Webhooks.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def signed_headers(message_id: str, timestamp: int, payload: bytes, keys: Sequence[bytes]) -> dict[str, str]:
    """The headers that prove who sent `payload` and when: one `v1` signature for each key.

    `message_id` stays the same over all attempts, `timestamp` (seconds since 1970) is that of this one.
    """
    content = f"{message_id}.{timestamp}.".encode() + payload
    signatures = [base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode() for key in keys]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
