"""Password hashes: which formats are understood, within which limits, and whether a password fits one.

A format is a `Scheme` in `SCHEMES` under the prefix of its texts. A hash may come from a file that a stranger
wrote and is computed at every sign-in, so each scheme bounds what it accepts.
"""

from __future__ import annotations

import re
from typing import Protocol

LENGTH_LIMIT = 1024
"""Characters of a whole hash, parameters and salt included."""


class Scheme(Protocol):
    """One format of hashes."""

    def check(self, stored: str) -> None:
        """Raises ValueError where the hash is malformed or costs more than is accepted."""

    def fits(self, stored: str, password: bytes) -> bool:
        """Whether the password is the one that was hashed; `stored` has passed `check`."""


class Argon2id:
    """Argon2id in the PHC string format (RFC 9106; https://github.com/P-H-C/phc-string-format)."""

    MEMORY_KIB = 64 * 1024
    PASSES = 10
    LANES = 4

    _PATTERN = re.compile(
        r"\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,})\$([A-Za-z0-9+/]{22,})"
    )

    def check(self, stored: str) -> None:
        found = self._PATTERN.fullmatch(stored)
        if not found or len(found[4]) % 4 == 1 or len(found[5]) % 4 == 1:
            raise ValueError("is not an Argon2id hash of version 19")
        memory, passes, lanes = int(found[1]), int(found[2]), int(found[3])
        if not (1 <= lanes <= self.LANES and 1 <= passes <= self.PASSES):
            raise ValueError(f"asks for more than {self.PASSES} passes or {self.LANES} lanes, or for none")
        if not 8 * lanes <= memory <= self.MEMORY_KIB:
            raise ValueError(f"asks for more than {self.MEMORY_KIB:,} KiB of memory, or for too little")

    def fits(self, stored: str, password: bytes) -> bool:
        from argon2.exceptions import VerificationError
        from argon2.low_level import Type, verify_secret

        try:
            return verify_secret(stored.encode(), password, Type.ID)
        except VerificationError:
            return False


SCHEMES: dict[str, Scheme] = {"$argon2id$": Argon2id()}


def check(value: object) -> str:
    """A hash that can be taken over. Raises ValueError where it is none of ours, malformed, or too costly."""
    if not isinstance(value, str) or not value.isascii() or len(value) > LENGTH_LIMIT:
        raise ValueError(f"must be a password hash of {LENGTH_LIMIT:,} characters at most")
    scheme = _scheme(value)
    if scheme is None:
        raise ValueError("is a password hash of an unsupported kind")
    scheme.check(value)
    return value


def fits(stored: str, password: bytes) -> bool:
    """Whether the password fits the hash. Raises ValueError for a hash that `check` refuses."""
    check(stored)
    scheme = _scheme(stored)
    return scheme is not None and scheme.fits(stored, password)


def _scheme(stored: str) -> Scheme | None:
    return next((scheme for prefix, scheme in SCHEMES.items() if stored.startswith(prefix)), None)
