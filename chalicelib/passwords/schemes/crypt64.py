"""What the hashes of crypt(3) share: their base64, and how long a password may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_PASSWORD = 256
"""Bytes; longer ones fit no hash. Each round hashes the password anew, so there has to be a limit: this is musl's
(KEY_MAX in src/crypt/crypt_sha512.c), which is there for the same reason."""

_ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def encoded(groups: Iterable[bytes]) -> str:
    """Groups of up to three bytes, the least significant six bits first."""
    return "".join(
        _ALPHABET[int.from_bytes(group, "big") >> 6 * place & 63]
        for group in groups
        for place in range((8 * len(group) + 5) // 6)
    )
