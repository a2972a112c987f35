"""Signing secrets: `whsec_` and base64 of random bytes, shown once, sealed at rest for their webhook alone."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock, ids
from chalicelib.core.crypto import seals

if TYPE_CHECKING:
    from collections.abc import Sequence

PREFIX = "whsec_"

SECRET_BYTES = 32
"""The standard asks for 24 to 64."""

ROTATION = timedelta(hours=24)
"""How long deliveries are also signed with the secret before."""


def new_secret() -> str:
    """A secret as its owner sees it."""
    return PREFIX + base64.b64encode(ids.from_base64url(ids.new_secret(SECRET_BYTES))).decode()


def seal(webhook_id: str, secret: str) -> dict[str, Any]:
    """A secret as it is stored: bound to the webhook, so it opens for no other."""
    return seals.seal("webhooks", base64.b64decode(secret.removeprefix(PREFIX)), webhook_id)


def rotated(webhook_id: str, stored: Sequence[dict[str, Any]], secret: str) -> list[dict[str, Any]]:
    """What to store when `secret` replaces the current one, which stays valid for a day. Any older one is dropped."""
    until = int((clock.now() + ROTATION).timestamp())
    return [seal(webhook_id, secret), *({**before, "until": until} for before in stored[:1])]


def opened(webhook_id: str, stored: Sequence[dict[str, Any]]) -> list[bytes]:
    """The keys to sign with now, the current one first."""
    return [
        seals.opened("webhooks", one, webhook_id)
        for one in stored
        if one.get("until", clock.epoch() + 1) > clock.epoch()
    ]
