"""What a visitor holds beside their password: an authenticator app, or a passkey."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyotp

from chalicelib.core import clock
from tests.authenticator import Authenticator

if TYPE_CHECKING:
    from tests.functional.visitors import Visitor


class App:
    """An authenticator app."""

    def __init__(self, secret: str) -> None:
        self._totp = pyotp.TOTP(secret)

    def code(self) -> str:
        """A code that was not used before: the next step's, half a minute later."""
        clock.tick(seconds=30)
        return self._totp.at(clock.epoch())

    def wrong(self) -> str:
        """A code of a year ago."""
        return self._totp.at(clock.epoch() - 365 * 86400)


def app_of(visitor: Visitor) -> App:
    """Have somebody who is signed in enrol an authenticator app."""
    app = App(visitor.call("POST", "/me/totp").body["secret"])
    assert visitor.call("POST", "/me/totp/confirm", {"otp": app.code()}).status == 204
    return app


def key_of(visitor: Visitor) -> Authenticator:
    """Have somebody who is signed in register a passkey."""
    key = Authenticator()
    response = key.create(visitor.call("POST", "/me/passkeys/options").body)
    assert visitor.call("POST", "/me/passkeys", {"name": "Key", "response": response}).status == 201
    return key
