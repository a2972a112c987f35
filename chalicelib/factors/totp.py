"""One-time codes by time (RFC 6238): SHA-1, six digits, steps of 30 seconds, as authenticator apps expect them."""

from __future__ import annotations

import base64
import re
from typing import Any

from chalicelib.core import clock, ids

SECRET_BYTES = 20
"""RFC 4226, section 4, R6, recommends 160 bits."""

DRIFT = 1
"""Steps before and after the present one that count too (RFC 6238, section 5.2)."""

LONGEST_SECRET = 256

_CODE = re.compile(r"[0-9]{6}")


def new_secret() -> str:
    """A secret in base 32, as authenticator apps take it."""
    return base64.b32encode(ids.from_base64url(ids.new_secret(SECRET_BYTES))).decode()


def url(secret: str, *, issuer: str, account: str) -> str:
    """The `otpauth:` URL of a secret, which apps read as a QR code."""
    return str(_totp(secret).provisioning_uri(name=account, issuer_name=issuer))


def step_of(secret: str, code: str, *, after: int = -1) -> int | None:
    """The time step that a code is of, or None where it is of none near the present.

    A code works once (RFC 6238, section 5.2), and none before it afterwards: steps up to `after` are over.
    """
    from pyotp.exceptions import OTPVerificationError

    if not _CODE.fullmatch(code):
        return None
    try:
        step = int(_totp(secret).verify_and_get_timecode(code, for_time=clock.epoch(), valid_window=DRIFT))
    except OTPVerificationError:
        return None
    return step if step > after else None


def check_secret(text: object) -> str:
    """A secret that another system made. Raises ValueError where it is not base 32 of 112 bits or more, or longer
    than any app would take."""
    if not isinstance(text, str) or len(text) > LONGEST_SECRET:
        raise ValueError(f"must be a TOTP secret of {LONGEST_SECRET} characters at most")
    secret = re.sub(r"[\s=-]", "", text).upper()
    try:
        _totp(secret).byte_secret()
    except ValueError:
        raise ValueError("is not a TOTP secret of 112 bits or more in base 32") from None
    return secret


def _totp(secret: str) -> Any:
    from pyotp import TOTP

    return TOTP(secret)
