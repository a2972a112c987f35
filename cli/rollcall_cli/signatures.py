"""Signatures after Standard Webhooks (https://www.standardwebhooks.com): made, and verified."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

from rollcall_cli.exits import Misused

PREFIX = "whsec_"
TOLERANCE_SECONDS = 300
"""How old, or how far ahead, a signed time may be, as the libraries of the specification have it."""


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """The value of `webhook-signature`. Raises Misused for a secret that is none."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise Misused("this is no secret of a webhook: whsec_ and base64") from None
    content = f"{message_id}.{timestamp}.".encode() + body
    return f"v1,{base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()}"


def problem_with(secret: str, headers: dict[str, str], body: bytes, now: float) -> str:
    """What is wrong with a signed request; empty where nothing is. Names of headers are in small letters."""
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or not (timestamp.isascii() and timestamp.isdigit()):
        return "it is not signed"
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return "its time is more than five minutes off"
    expected = sign(secret, message_id, timestamp, body)
    given = headers.get("webhook-signature", "").split(" ")
    return (
        ""
        if any(hmac.compare_digest(expected.encode(), each.encode()) for each in given)
        else "its signature is wrong"
    )
