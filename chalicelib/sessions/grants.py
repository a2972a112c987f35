"""What a person in a session is given: an access token, and the refresh token that it can be renewed with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.sessions import tokens

if TYPE_CHECKING:
    from chalicelib.core.dynamo import Item
    from chalicelib.sessions.refresh_tokens import RefreshToken


@dataclass(frozen=True)
class Grant:
    """The tokens of one session."""

    access_token: str
    refresh_token: str


def grant(token: RefreshToken, person: Item) -> Grant:
    """The tokens of this person in the session that the refresh token is of."""
    return Grant(tokens.issue(person, token.session_id), str(token))
