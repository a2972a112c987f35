"""What a request to the token endpoint got."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chalicelib.tokens.access_tokens import Issued


@dataclass(frozen=True)
class Granted:
    """The tokens of one reply."""

    access: Issued
    id_token: str | None = None
    refresh_token: str | None = None

    def reply(self) -> dict[str, Any]:
        """The reply (RFC 6749, section 5.1), without what was not issued."""
        members = {
            "access_token": self.access.token,
            "token_type": "Bearer",
            "expires_in": self.access.seconds,
            "scope": " ".join(self.access.scopes) or None,
            "id_token": self.id_token,
            "refresh_token": self.refresh_token,
        }
        return {name: value for name, value in members.items() if value is not None}
