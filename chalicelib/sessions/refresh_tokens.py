"""Refresh tokens: their form, and the successor of each.

A token is `<session id>.<person's id>.<key number>.<secret and seal>`. Only a hash of it is stored. The first secret
is random. Each next secret is `HMAC(key, token, session, counter)`: so a token has exactly one successor, and a client
that asks twice gets the same one. The seal is a MAC. By it, tokens that Rollcall issued, however old, are told from
made-up ones. Only the use of an issued token can show that a token was stolen.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from functools import cached_property

from chalicelib.core.crypto import app_keys
from chalicelib.core.ids import base64url, from_base64url

SECRET_BYTES = 32
SEAL_BYTES = 16
LENGTH_LIMIT = 512
"""Characters: up to 128 for the person's id, and the other parts."""


@dataclass(frozen=True)
class RefreshToken:
    """One refresh token of a session."""

    session_id: str
    user_id: str
    key_id: str
    secret: bytes

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"<refresh token of session {self.session_id}>"

    @property
    def digest(self) -> str:
        """The hash that is stored of it. The token has 256 secret bits, so a plain SHA-256 is enough."""
        return hashlib.sha256(str(self).encode()).hexdigest()

    def successor(self, counter: int) -> RefreshToken:
        """The one token that replaces this one. `counter` is its number in the session."""
        position = (str(self), self.session_id, str(counter))
        secret = app_keys.mac("refresh", "successor", *position, key_id=self.key_id)
        return RefreshToken(self.session_id, self.user_id, self.key_id, secret)

    @cached_property
    def _text(self) -> str:
        return ".".join((*self._ids, base64url(self.secret + self._seal())))

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
    """The refresh token in a text, or None if Rollcall did not issue it."""
    session_id, _, rest = text.partition(".")
    parts = rest.rsplit(".", 2)
    if len(text) > LENGTH_LIMIT or not text.isascii() or len(parts) != 3:
        return None
    user_id, key_id, secret_and_seal = parts
    try:
        token = RefreshToken(session_id, user_id, key_id, from_base64url(secret_and_seal)[:SECRET_BYTES])
        issued_text = str(token)
    except (ValueError, KeyError):
        return None
    return token if hmac.compare_digest(issued_text, text) else None
