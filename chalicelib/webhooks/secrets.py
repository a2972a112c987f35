"""Signing secrets: `whsec_` and base64 of random bytes, shown once, sealed at rest for their webhook alone."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from chalicelib.core import clock, ids
from chalicelib.core.crypto import seals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.webhooks.rows import SealedSecret

PREFIX = "whsec_"

SECRET_BYTES = 32
"""The standard asks for 24 to 64."""

ROTATION = timedelta(hours=24)
"""How long deliveries are also signed with the secret before."""


def new_secret() -> str:
    """A secret as its owner sees it."""
    return PREFIX + base64.b64encode(ids.from_base64url(ids.new_secret(SECRET_BYTES))).decode()


def seal(webhook_id: str, secret: str) -> SealedSecret:
    """A secret as it is stored: bound to the webhook, so it opens for no other."""
    sealed = seals.seal("webhooks", base64.b64decode(secret.removeprefix(PREFIX)), webhook_id)
    return cast("SealedSecret", sealed)


def rotated(webhook_id: str, stored: Sequence[SealedSecret], secret: str) -> list[SealedSecret]:
    """What to store when `secret` replaces the current one, which stays valid for a day. Any older one is dropped."""
    until = int((clock.now() + ROTATION).timestamp())
    previous: list[SealedSecret] = [{**sealed, "until": until} for sealed in stored[:1]]
    return [seal(webhook_id, secret), *previous]


def opened(webhook_id: str, stored: Sequence[SealedSecret]) -> list[bytes]:
    """The keys to sign with now, the current one first."""
    return [
        seals.opened("webhooks", sealed, webhook_id)
        for sealed in stored
        if sealed.get("until", clock.epoch() + 1) > clock.epoch()
    ]
