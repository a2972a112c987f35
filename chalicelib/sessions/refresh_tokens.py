"""Refresh tokens: their form, and the successor of each.

A token is `<session id>.<person's id>.<key number>.<secret and seal>`, of which only a hash is stored. The first
secret is random; each next one is `HMAC(key, token, session, counter)`, so that a token has exactly one successor and
whoever asks twice gets the same. The seal tells our tokens, however old, from made-up ones: only those can show that
one was stolen.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass

from chalicelib.core.crypto import app_keys
from chalicelib.core.ids import base64url, from_base64url

SECRET_BYTES = 32
SEAL_BYTES = 16
LENGTH_LIMIT = 512
"""Characters: an id of 128 and the rest."""


@dataclass(frozen=True)
class RefreshToken:
    """One refresh token of a session."""

    session_id: str
    user_id: str
    key_id: str
    secret: bytes

    def __str__(self) -> str:
        return ".".join((*self._ids, base64url(self.secret + self._seal())))

    def __repr__(self) -> str:
        return f"<refresh token of session {self.session_id}>"

    @property
    def digest(self) -> str:
        """What is stored of it. It holds 256 random bits, so a plain hash keeps it."""
        return hashlib.sha256(str(self).encode()).hexdigest()

    def successor(self, counter: int) -> RefreshToken:
        """The one token that replaces this one, as the session's `counter`-th."""
        position = (str(self), self.session_id, str(counter))
        secret = app_keys.mac("refresh", "successor", *position, key_id=self.key_id)
        return RefreshToken(self.session_id, self.user_id, self.key_id, secret)

    @property
    def _ids(self) -> tuple[str, str, str]:
        return self.session_id, self.user_id, self.key_id

    def _seal(self) -> bytes:
        sealed = app_keys.mac("refresh", "seal", *self._ids, base64url(self.secret), key_id=self.key_id)
        return sealed[:SEAL_BYTES]


def first(session_id: str, user_id: str) -> RefreshToken:
    """The token that a new session begins with."""
    return RefreshToken(session_id, user_id, app_keys.current_key_id(), os.urandom(SECRET_BYTES))


def parse(text: str) -> RefreshToken | None:
    """The refresh token that a text is, or None where we did not make it."""
    session_id, _, rest = text.partition(".")
    parts = rest.rsplit(".", 2)
    if len(text) > LENGTH_LIMIT or not text.isascii() or len(parts) != 3:
        return None
    user_id, key_id, last = parts
    try:
        token = RefreshToken(session_id, user_id, key_id, from_base64url(last)[:SECRET_BYTES])
        own_text = str(token)
    except (ValueError, KeyError):
        return None
    return token if hmac.compare_digest(own_text, text) else None
