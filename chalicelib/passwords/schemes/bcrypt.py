"""bcrypt in its modular crypt format, `$2b$<cost>$<salt><hash>`; `$2a$` and `$2y$` are the same computation."""

from __future__ import annotations

import hmac
import re

SALT_CHARACTERS = 22
"""Each of 6 bits: 128 bits of salt, and 4 without a meaning."""

_ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class Bcrypt:
    kind = "bcrypt"

    COST = 15
    """The greatest cost that is accepted. The work is 2^cost."""
    SIGNIFICANT_BYTES = 72
    """Every implementation ignores the bytes after these; the library `bcrypt` refuses them since 5.0."""

    # Of 23 bytes of hash, the last of 31 characters holds 4 bits.
    _PATTERN = re.compile(r"(\$2[aby]\$(\d\d)\$)([./A-Za-z0-9]{22})([./A-Za-z0-9]{30}[.CGKOSWaeimquy26])")

    def check(self, stored: str) -> None:
        match = self._PATTERN.fullmatch(stored)
        if not match:
            raise ValueError("is not a bcrypt hash")
        if not 4 <= int(match[2]) <= self.COST:
            raise ValueError(f"asks for a bcrypt cost above {self.COST}, or below 4")

    def fits(self, stored: str, password: bytes) -> bool:
        import bcrypt

        match = self._PATTERN.fullmatch(stored)
        if not match:
            return False
        setting = match[1] + _without_stray_bits(match[3])
        computed = bcrypt.hashpw(password[: self.SIGNIFICANT_BYTES], setting.encode())
        return hmac.compare_digest(computed[len(setting) :], match[4].encode())


def _without_stray_bits(salt: str) -> str:
    """The salt as the library requires it, with zeros for the four bits without a meaning, which some systems set at
    random."""
    return salt[:-1] + _ALPHABET[_ALPHABET.index(salt[-1]) & ~15]
