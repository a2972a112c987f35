"""What a person has beside their password: pure, no AWS here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chalicelib.core.dynamo import Item


@dataclass(frozen=True)
class Proof:
    """What somebody sends of their second factor: one of the three is enough."""

    otp: str | None = None
    """The code that their authenticator app shows."""
    recovery_code: str | None = None
    passkey: dict[str, Any] | None = None
    """What `navigator.credentials.get()` gave, as its `toJSON()` writes it."""


def enrolled(person: Item) -> list[str]:
    """The factors that this person has: of `passkey` and `totp`, sorted."""
    return list(person.get("factors", ()))
