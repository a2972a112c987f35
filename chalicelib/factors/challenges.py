"""Challenges of WebAuthn: 32 random bytes, signed once, within five minutes, by the person whom they are for."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Literal

from chalicelib.core import clock, ids
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import ConditionFailed, absent, present
from chalicelib.core.aws.dynamo.conditions import Attr

if TYPE_CHECKING:
    from chalicelib.core.aws.dynamo import Key, Table

LIFETIME_SECONDS = 300

Purpose = Literal["register", "sign-in"]


class Challenges:
    """Open challenges, in the table `guards`. The key of a row shows neither the challenge nor the person."""

    def __init__(self, guards: Table) -> None:
        self._guards = guards

    def new(self, purpose: Purpose, user_id: str = "") -> bytes:
        """A new challenge for one purpose; with a user id, for that person alone. One write."""
        challenge = ids.from_base64url(ids.new_secret())
        lifetime = {"schema": records.SCHEMA, "expires_at": clock.epoch() + LIFETIME_SECONDS}
        self._guards.put({**_key(challenge, purpose, user_id), **lifetime}, absent())
        return challenge

    def use_up(self, challenge: bytes, purpose: Purpose, user_id: str = "") -> bool:
        """Delete a challenge: True once. False where it is for another purpose or person, was used, or is too old."""
        fresh = present() & Attr("expires_at").gt(clock.epoch())
        try:
            self._guards.delete(_key(challenge, purpose, user_id), fresh)
        except ConditionFailed:
            return False
        return True


def _key(challenge: bytes, purpose: Purpose, user_id: str) -> Key:
    digest = hashlib.sha256(f"{purpose}\n{user_id}\n".encode() + challenge).digest()
    return {"id": f"challenge#{ids.base64url(digest)}"}


@clients.once
def challenges() -> Challenges:
    """The stage's challenges."""
    return Challenges(clients.table("guards"))
