"""bcrypt in its modular crypt format: `$2b$<cost>$<salt><hash>`; `$2a$` and `$2y$` are the same computation."""

from __future__ import annotations

import re


class Bcrypt:
    kind = "bcrypt"

    COST = 14
    """The work is 2^cost."""
    SIGNIFICANT_BYTES = 72
    """Every implementation ignores what follows; the library `bcrypt` refuses it since 5.0."""

    # 16 bytes of salt are 22 characters and 23 bytes of hash 31, in an alphabet of bcrypt's own.
    _PATTERN = re.compile(r"\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}")

    def check(self, stored: str) -> None:
        found = self._PATTERN.fullmatch(stored)
        if not found:
            raise ValueError("is not a bcrypt hash")
        if not 4 <= int(found[1]) <= self.COST:
            raise ValueError(f"asks for a bcrypt cost above {self.COST}, or below 4")

    def fits(self, stored: str, password: bytes) -> bool:
        import bcrypt

        return bcrypt.checkpw(password[: self.SIGNIFICANT_BYTES], stored.encode())
