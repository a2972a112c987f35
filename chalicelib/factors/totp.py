"""One-time codes by time (RFC 6238): SHA-1, six digits, steps of 30 seconds, as authenticator apps expect them."""

from __future__ import annotations

import base64
import re
import unicodedata
from typing import Any

from chalicelib.core import clock, ids

SECRET_BYTES = 20
"""RFC 4226, section 4, R6, recommends 160 bits."""

DRIFT = 1
"""Steps before and after the present one that count too (RFC 6238, section 5.2)."""

LONGEST_SECRET = 256

LEAST_BITS = 80
"""The shortest secret of another system: 16 letters, as most systems made them for years. A code has 20 bits, and wrong
codes are counted; so the length matters only against an attacker who sees many codes."""
RECOMMENDED_BITS = 128
"""RFC 4226, section 4, R6. A secret with less is shown as short."""

OURS = {"algorithm": "SHA1", "digits": "6", "period": "30"}
"""The parameters of the codes that we verify; nearly every app has these."""

_CODE = re.compile(r"[0-9]{6}")


class UnusableSecret(ValueError):
    """A secret of another system that cannot be used here: it has too few bits, or is for other codes."""


def new_secret() -> str:
    """A secret in base 32, as authenticator apps take it."""
    return base64.b32encode(ids.from_base64url(ids.new_secret(SECRET_BYTES))).decode()


def url(secret: str, *, issuer: str, account: str) -> str:
    """The `otpauth:` URL of a secret, which apps read as a QR code."""
    return str(_totp(secret).provisioning_uri(name=account, issuer_name=issuer))


def step_of(secret: str, code: str, *, after: int = -1) -> int | None:
    """The time step of a code, or None where it is no code of a step near the present.

    A code works once (RFC 6238, section 5.2), and then no earlier one works: steps up to `after` are over.
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
    """A secret of another system, in base 32 as we store it. It may come in groups, padded, in small letters, or as the
    `otpauth:` URL of a QR code.

    Raises UnusableSecret where it cannot be used here, and ValueError where it is no TOTP secret.
    """
    if isinstance(text, str) and text.strip().lower().startswith("otpauth:"):
        text = _in_url(text.strip())
    if not isinstance(text, str) or len(text) > LONGEST_SECRET:
        raise ValueError(f"must be a TOTP secret of {LONGEST_SECRET} characters at most")
    secret = "".join(letter for letter in text if not _is_separator(letter)).upper()
    try:
        length = bits(secret)
    except ValueError:
        length = 0
    if not length:
        raise ValueError("is not a TOTP secret in base 32")
    if length < LEAST_BITS:
        raise UnusableSecret(f"is a TOTP secret of {length} bits, fewer than {LEAST_BITS}")
    return secret


def _is_separator(letter: str) -> bool:
    """Whether a character only separates groups of letters, or pads: blanks, dashes and invisible characters."""
    return letter == "=" or letter.isspace() or unicodedata.category(letter) in {"Pd", "Cf"}


def bits(secret: str) -> int:
    """How long a secret is. Raises ValueError where it is not base 32."""
    return 8 * len(_key(secret))


def _in_url(url: str) -> object:
    """The secret of an `otpauth:` URL (https://github.com/google/google-authenticator/wiki/Key-Uri-Format), which has
    no fragment: a `#` belongs to a name that was not encoded."""
    from urllib.parse import parse_qs, urlsplit

    try:
        parts = urlsplit(url.replace("#", "%23"))
        parameters = {name.lower(): values[0] for name, values in parse_qs(parts.query).items()}
    except ValueError:
        raise ValueError("is not an otpauth URL") from None
    kind = parts.netloc.lower()
    if kind != "totp" or any(parameters.get(name, value).upper() != value for name, value in OURS.items()):
        raise UnusableSecret("is not for codes of six digits every 30 seconds by SHA-1")
    return parameters.get("secret")


def _key(secret: str) -> bytes:
    """The bytes of a secret. Like apps, we ignore a last letter that adds no whole byte."""
    whole = secret[:-1] if len(secret) % 8 in _SPARE else secret
    return base64.b32decode(whole + "=" * (-len(whole) % 8))


_SPARE = frozenset({1, 3, 6})
"""Letters of a group of eight whose last one adds no byte (RFC 4648, section 6)."""


def _totp(secret: str) -> Any:
    """pyotp's TOTP of a secret. pyotp takes no key below 112 bits, so a short one is filled up with zeros: HMAC makes
    the same codes of it (RFC 2104, section 2)."""
    from pyotp import TOTP

    return TOTP(base64.b32encode(_key(secret).ljust(_PYOTP_BYTES, b"\0")).decode())


_PYOTP_BYTES = 14
