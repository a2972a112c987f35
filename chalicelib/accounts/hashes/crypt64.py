"""What the hashes of crypt(3) share: their base64, and how long a password may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_PASSWORD = 512
"""Bytes. crypt(3) of libxcrypt takes no longer ones (CRYPT_MAX_PASSPHRASE_SIZE, crypt.h), so they fit no hash; each
round hashes the password anew, so there has to be a limit."""

_ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def encoded(groups: Iterable[bytes]) -> str:
    """Groups of up to three bytes, the least significant six bits first."""
    return "".join(
        _ALPHABET[int.from_bytes(group, "big") >> 6 * place & 63]
        for group in groups
        for place in range((8 * len(group) + 5) // 6)
    )
