"""Argon2 (RFC 9106) in the PHC string format, of version 19 (0x13), which all of its libraries write since 2016."""

from __future__ import annotations

import re
from typing import Literal

from chalicelib.passwords.schemes.phc import decoded

Variant = Literal["argon2id", "argon2i", "argon2d"]


class Argon2:
    """One variant of Argon2. Our own hashes are `argon2id`."""

    MEMORY_KIB = 64 * 1024
    PASSES = 10
    LANES = 4

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
        for part in (match[5], match[6]):
            decoded(part)

    def fits(self, stored: str, password: bytes) -> bool:
        from argon2.exceptions import VerificationError
        from argon2.low_level import Type, verify_secret

        types = {"argon2id": Type.ID, "argon2i": Type.I, "argon2d": Type.D}
        try:
            return verify_secret(stored.encode(), password, types[self.kind])
        except VerificationError:
            return False
