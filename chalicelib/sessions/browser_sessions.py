"""The cookie by which `GET /oauth2/authorize` knows who is signed in to this browser.

It is sent when an application sends the browser there, which the cookie of the refresh token is not (`SameSite`). It
proves a session and nothing else: no route of the API takes it for a token. It is `<session id>.<person's id>.<key
number>.<MAC>` and is not stored: whether the session still counts is read at each use.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from chalicelib.core.crypto import app_keys
from chalicelib.core.crypto.kept_texts import parts_of
from chalicelib.core.ids import base64url


@dataclass(frozen=True)
class BrowserSession:
    """Whose session a browser has."""

    session_id: str
    user_id: str
    key_id: str

    def __str__(self) -> str:
        mac = app_keys.mac("browser-sessions", self.session_id, self.user_id, key_id=self.key_id)
        return ".".join((self.session_id, self.user_id, self.key_id, base64url(mac)))

    def __repr__(self) -> str:
        return f"<browser session {self.session_id}>"


def cookie_value(session_id: str, user_id: str) -> str:
    """The cookie's value for a session of a person."""
    return str(BrowserSession(session_id, user_id, app_keys.current_key_id()))


def parse(text: str | None) -> BrowserSession | None:
    """The session that a cookie names, or None if Rollcall did not make the cookie."""
    parts = parts_of(text, 4)
    if text is None or parts is None:
        return None
    named = BrowserSession(*parts[:3])
    try:
        return named if hmac.compare_digest(str(named), text) else None
    except (ValueError, KeyError):
        return None
