"""What the hashes of crypt(3) have in common: their base64, and the greatest length of a password."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_PASSWORD = 256
"""In bytes; longer passwords fit no hash. Each round hashes the whole password, so there must be a limit: this is that
of musl (KEY_MAX in src/crypt/crypt_sha512.c), which has it for the same reason."""

_ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def number(character: str) -> int:
    """The six bits of a character. Raises ValueError for one that is not of this base64."""
    return _ALPHABET.index(character)


def decoded(text: str) -> bytes:
    """The bytes of a text, whose characters have the least significant bits first; bits that make no whole byte are
    left out. Raises ValueError for a character that is not of this base64."""
    value = sum(number(character) << 6 * index for index, character in enumerate(text))
    return value.to_bytes((6 * len(text) + 7) // 8, "little")[: 6 * len(text) // 8]


def encoded(groups: Iterable[bytes]) -> str:
    """The text of groups of up to three bytes each, the least significant six bits first."""
    return "".join(
        _ALPHABET[int.from_bytes(group, "big") >> 6 * digit & 63]
        for group in groups
        for digit in range((8 * len(group) + 5) // 6)
    )
