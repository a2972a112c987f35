"""bcrypt in its modular crypt format, `$2b$<cost>$<salt><hash>`; `$2a$` and `$2y$` are the same computation."""

from __future__ import annotations

import hmac
import re

SALT_CHARACTERS = 22
"""Of 6 bits each: 128 bits of salt, and 4 that mean nothing."""

_ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class Bcrypt:
    kind = "bcrypt"

    COST = 14
    """The work is 2^cost."""
    SIGNIFICANT_BYTES = 72
    """Every implementation ignores what follows; the library `bcrypt` refuses it since 5.0."""

    # Of 23 bytes of hash, the last of 31 characters holds 4 bits.
    _PATTERN = re.compile(r"(\$2[aby]\$(\d\d)\$)([./A-Za-z0-9]{22})([./A-Za-z0-9]{30}[.CGKOSWaeimquy26])")

    def check(self, stored: str) -> None:
        found = self._PATTERN.fullmatch(stored)
        if not found:
            raise ValueError("is not a bcrypt hash")
        if not 4 <= int(found[2]) <= self.COST:
            raise ValueError(f"asks for a bcrypt cost above {self.COST}, or below 4")

    def fits(self, stored: str, password: bytes) -> bool:
        import bcrypt

        found = self._PATTERN.fullmatch(stored)
        if not found:
            return False
        setting = found[1] + _without_stray_bits(found[3])
        computed = bcrypt.hashpw(password[: self.SIGNIFICANT_BYTES], setting.encode())
        return hmac.compare_digest(computed[len(setting) :], found[4].encode())


def _without_stray_bits(salt: str) -> str:
    """The salt as the library wants it: some systems drew the four bits that mean nothing at random too."""
    return salt[:-1] + _ALPHABET[_ALPHABET.index(salt[-1]) & ~15]
