"""Argon2 (RFC 9106) in the PHC string format, of version 19 (0x13), which all of its libraries write since 2016.

Computed by libsodium (PyNaCl) where it knows how, as it does with our own parameters: it is the fastest by a quarter,
and uses AVX2 or AVX-512 where the processor has them. OpenSSL (cryptography, which tokens need anyway) computes the
others, to the same bytes. docs/passwords.md has the figures.
"""

from __future__ import annotations

import hmac
import re
import secrets
from typing import Literal

from chalicelib.passwords.schemes.phc import decoded, encoded

Variant = Literal["argon2id", "argon2i", "argon2d"]

SALT_BYTES = 16
"""Of our own hashes, as RFC 9106, section 3.1, recommends. libsodium takes no other size."""
DIGEST_BYTES = 32
"""Of our own hashes."""
SODIUM_SHORTEST_DIGEST = 16


class Argon2:
    """One variant of Argon2. Our own hashes are `argon2id`."""

    MEMORY_KIB = 128 * 1024
    """As Ory Kratos asks for by default."""
    PASSES = 10
    WORK = 10 * 64 * 1024
    """The most of memory times passes, which is what a hash costs in time."""
    LANES = 64
    """They are computed one after the other, so they cost nothing. Kratos asks for two for each core of its machine."""

    _PATTERN = re.compile(
        r"\$(argon2(?:id|i|d))\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,})\$([A-Za-z0-9+/]{22,})"
    )

    def __init__(self, variant: Variant) -> None:
        self.kind: str = variant

    def check(self, stored: str) -> None:
        match = self._PATTERN.fullmatch(stored)
        if not match or match[1] != self.kind or len(match[5]) % 4 == 1 or len(match[6]) % 4 == 1:
            raise ValueError(f"is not an {self.kind} hash of version 19")
        memory, passes, lanes = int(match[2]), int(match[3]), int(match[4])
        if not (1 <= lanes <= self.LANES and 1 <= passes <= self.PASSES):
            raise ValueError(f"asks for more than {self.PASSES} passes or {self.LANES} lanes, or for none")
        if not 8 * lanes <= memory <= self.MEMORY_KIB:
            raise ValueError(f"asks for more than {self.MEMORY_KIB:,} KiB of memory, or for too little")
        if memory * passes > self.WORK:
            raise ValueError(f"asks for more than {self.WORK:,} KiB of memory times passes")
        for part in (match[5], match[6]):
            decoded(part)

    def fits(self, stored: str, password: bytes) -> bool:
        match = self._PATTERN.fullmatch(stored)
        if not match:
            return False
        memory, passes, lanes = int(match[2]), int(match[3]), int(match[4])
        salt, digest = decoded(match[5]), decoded(match[6])
        computed = derived(match[1], password, salt, len(digest), memory=memory, passes=passes, lanes=lanes)
        return hmac.compare_digest(computed, digest)


def new_hash(password: bytes, *, memory: int, passes: int, lanes: int) -> str:
    """A new `argon2id` hash of a password. `memory` in KiB."""
    salt = secrets.token_bytes(SALT_BYTES)
    digest = derived("argon2id", password, salt, DIGEST_BYTES, memory=memory, passes=passes, lanes=lanes)
    return f"{head(memory=memory, passes=passes, lanes=lanes)}{encoded(salt)}${encoded(digest)}"


def head(*, memory: int, passes: int, lanes: int) -> str:
    """What a hash of these parameters begins with, up to its salt."""
    return f"$argon2id$v=19$m={memory},t={passes},p={lanes}$"


def derived(
    variant: str, password: bytes, salt: bytes, size: int, *, memory: int, passes: int, lanes: int
) -> bytes:
    """`size` bytes out of a password by one variant of Argon2. `memory` in KiB. Gives up the GIL meanwhile."""
    if variant == "argon2id" and lanes == 1 and len(salt) == SALT_BYTES and size >= SODIUM_SHORTEST_DIGEST:
        return _by_libsodium(password, salt, size, memory, passes)
    return _by_openssl(variant, password, salt, size, memory, passes, lanes)


def _by_libsodium(password: bytes, salt: bytes, size: int, memory: int, passes: int) -> bytes:
    from nacl.bindings import crypto_pwhash_alg, crypto_pwhash_ALG_ARGON2ID13

    return crypto_pwhash_alg(size, password, salt, passes, memory * 1024, crypto_pwhash_ALG_ARGON2ID13)


def _by_openssl(
    variant: str, password: bytes, salt: bytes, size: int, memory: int, passes: int, lanes: int
) -> bytes:
    from cryptography.hazmat.primitives.kdf import argon2

    variants: dict[str, type[argon2.Argon2id | argon2.Argon2i | argon2.Argon2d]] = {
        "argon2id": argon2.Argon2id,
        "argon2i": argon2.Argon2i,
        "argon2d": argon2.Argon2d,
    }
    function = variants[variant](salt=salt, length=size, iterations=passes, lanes=lanes, memory_cost=memory)
    return function.derive(password)
