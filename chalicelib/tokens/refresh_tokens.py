"""Refresh tokens: their form, and the successor of each.

A token is `<id>.<person's id>.<key number>.<secret and seal>`, where the id is that of a session, or of the grant of
an application. Each of the two has keys of its own, so that neither token counts as the other. Only a hash is stored.

The first secret is random. Each next secret is `HMAC(key, token, id, counter)`: so a token has exactly one successor,
and a client that asks twice gets the same one. The seal is a MAC. By it, tokens that Rollcall issued, however old, are
told from made-up ones. Only the use of an issued token can show that a token was stolen.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from chalicelib.core.crypto import app_keys
from chalicelib.core.crypto.kept_texts import parts_of
from chalicelib.core.ids import base64url, from_base64url

SECRET_BYTES = 32
SEAL_BYTES = 16

Purpose = Literal["refresh", "grants"]
"""Whose it is: a session's, or the grant's of an application."""


@dataclass(frozen=True)
class RefreshToken:
    """One refresh token. `holder_id` is the id of the session or grant."""

    holder_id: str
    user_id: str
    key_id: str
    secret: bytes
    purpose: Purpose = "refresh"

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"<refresh token of {self.holder_id}>"

    @property
    def digest(self) -> str:
        """The hash that is stored of it. The token has 256 secret bits, so a plain SHA-256 is enough."""
        return hashlib.sha256(str(self).encode()).hexdigest()

    def successor(self, counter: int) -> RefreshToken:
        """The one token that replaces this one. `counter` is its number in the session or grant."""
        position = (str(self), self.holder_id, str(counter))
        secret = app_keys.mac(self.purpose, "successor", *position, key_id=self.key_id)
        return RefreshToken(self.holder_id, self.user_id, self.key_id, secret, self.purpose)

    @cached_property
    def _text(self) -> str:
        return ".".join((*self._ids, base64url(self.secret + self._seal())))

    @property
    def _ids(self) -> tuple[str, str, str]:
        return self.holder_id, self.user_id, self.key_id

    def _seal(self) -> bytes:
        sealed = app_keys.mac(self.purpose, "seal", *self._ids, base64url(self.secret), key_id=self.key_id)
        return sealed[:SEAL_BYTES]


def first(holder_id: str, user_id: str, purpose: Purpose = "refresh") -> RefreshToken:
    """The token that a new session or grant begins with."""
    return RefreshToken(holder_id, user_id, app_keys.current_key_id(), os.urandom(SECRET_BYTES), purpose)


def parse(text: str, purpose: Purpose = "refresh") -> RefreshToken | None:
    """The refresh token in a text, or None if Rollcall did not issue it for this purpose."""
    parts = parts_of(text, 4)
    if parts is None:
        return None
    holder_id, user_id, key_id, secret_and_seal = parts
    try:
        secret = from_base64url(secret_and_seal)[:SECRET_BYTES]
        token = RefreshToken(holder_id, user_id, key_id, secret, purpose)
        issued_text = str(token)
    except (ValueError, KeyError):
        return None
    return token if hmac.compare_digest(issued_text, text) else None
