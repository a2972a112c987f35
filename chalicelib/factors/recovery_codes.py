"""Recovery codes: ten, on paper. Each stands in once for a lost second factor (NIST SP 800-63B-4, section 3.1.2)."""

from __future__ import annotations

import base64
import hashlib
import re

from chalicelib.core import ids

COUNT = 10
CODE_BYTES = 15
"""120 bits, so a plain hash protects them (OWASP ASVS 5.0, 6.5.2, asks for 112 at least)."""

_GROUP = 4
_MISREAD = str.maketrans("018", "OIB")
"""Digits that base 32 does not have, and the letters that were meant."""


def new_codes() -> list[str]:
    """Ten new codes, as people see them."""
    return [_in_groups(ids.from_base64url(ids.new_secret(CODE_BYTES))) for _ in range(COUNT)]


def hashed(user_id: str, code: str) -> str:
    """The hash that is stored of a person's code: the same however it was typed."""
    letters = re.sub(r"[^0-9A-Z]", "", code.upper()).translate(_MISREAD)
    return ids.base64url(hashlib.sha256(f"{user_id}\n{letters}".encode()).digest())


def _in_groups(random: bytes) -> str:
    letters = base64.b32encode(random).decode()
    return "-".join(letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))
