"""PBKDF2 (RFC 8018) as `$pbkdf2-sha256$i=<iterations>,l=<bytes>$salt$hash`; `l` may be left out.

`$pbkdf2-sha3-224$` and `$pbkdf2-sha3-384$` are of SHA-3 (FIPS 202), which Ory Kratos computes under other names.
"""

from __future__ import annotations

import hashlib
import hmac

from chalicelib.passwords.schemes import phc

SIZES = {"sha1": 20, "sha224": 28, "sha256": 32, "sha384": 48, "sha512": 64, "sha3-224": 28, "sha3-384": 48}
"""Bytes of one block, by digest."""


class Pbkdf2:
    kind = "pbkdf2"

    ITERATIONS = 2_000_000
    SHORTEST_DIGEST = 16

    def __init__(self, digest: str) -> None:
        self._digest = digest

    def check(self, stored: str) -> None:
        parts = phc.parse(stored)
        parts.only("i", "l")
        if parts.number("i") > self.ITERATIONS:
            raise ValueError(f"asks for more than {self.ITERATIONS:,} iterations of PBKDF2")
        if "l" in parts.parameters and parts.number("l") != len(parts.digest):
            raise ValueError("is not as long as its l= says")
        if len(parts.digest) < self.SHORTEST_DIGEST:
            raise ValueError(f"is shorter than {self.SHORTEST_DIGEST} bytes")

    def fits(self, stored: str, password: bytes) -> bool:
        """Compares the first block only: each block is computed by itself, at the full cost (RFC 8018, section 5.2), so
        one proves as much as all of them."""
        parts = phc.parse(stored)
        block = parts.digest[: SIZES[self._digest]]
        name = self._digest.replace("-", "_")
        derived = hashlib.pbkdf2_hmac(name, password, parts.salt, parts.number("i"), len(block))
        return hmac.compare_digest(derived, block)
