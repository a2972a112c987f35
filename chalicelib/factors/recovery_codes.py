"""Recovery codes: ten, on paper, each of which stands in for a lost factor once (NIST SP 800-63B-4, section 3.1.2)."""

from __future__ import annotations

import base64
import hashlib
import re

from chalicelib.core import ids

COUNT = 10
CODE_BYTES = 15
"""120 bits, so a plain hash keeps them (112 are the least: OWASP ASVS 5.0, 6.5.2)."""

_GROUP = 4
_MISREAD = str.maketrans("018", "OIB")
"""Digits that base 32 does not have, and what they were meant to be."""


def new_codes() -> list[str]:
    """Ten codes, as they are shown."""
    return [_shown(ids.from_base64url(ids.new_secret(CODE_BYTES))) for _ in range(COUNT)]


def hashed(user_id: str, code: str) -> str:
    """What is kept of a person's code, however it was typed."""
    letters = re.sub(r"[^0-9A-Z]", "", code.upper()).translate(_MISREAD)
    return ids.base64url(hashlib.sha256(f"{user_id}\n{letters}".encode()).digest())


def _shown(random: bytes) -> str:
    letters = base64.b32encode(random).decode()
    return "-".join(letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))
