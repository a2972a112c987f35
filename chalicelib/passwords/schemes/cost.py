"""Estimates what a comparison of a password with a hash costs, before it is made."""

from __future__ import annotations

import re
from math import ceil, prod

OWN = 40
"""Milliseconds for one of our own hashes on one core of Lambda (1,769 MB): Argon2id, two passes over 19 MiB."""

DEAREST = {
    "argon2": (20 * OWN, 64 * 1024 * 10),
    "bcrypt": (30 * OWN, 2**14),
    "scrypt": (100 * OWN, 2**19 * 16),
    "pbkdf2": (60 * OWN, 2_000_000),
    "crypt": (60 * OWN, 1_000_000),
}
"""The milliseconds of a hash at the limits of its scheme, and its work: `python -m benchmarks hashes`, in
docs/passwords.md. The work is memory times passes, 2^cost, N times r times p, iterations, or rounds."""

_WORK = {
    "argon2": re.compile(r"\$argon2(?:id|i|d)\$v=\d+\$m=(\d+),t=(\d+),"),
    "bcrypt": re.compile(r"\$2[aby]\$(?P<power>\d\d)\$"),
    "scrypt": re.compile(r"\$(?:fire)?scrypt\$ln=(?P<power>\d+),r=(\d+),p=(\d+)\$"),
    "pbkdf2": re.compile(r"\$pbkdf2-[a-z0-9]+\$i=(\d+)"),
    "crypt": re.compile(r"\$[56]\$rounds=(\d+)\$"),
}


def milliseconds(stored: str) -> int:
    """About how many milliseconds a comparison takes on one core of Lambda; at least as many as with a hash of ours."""
    for kind, pattern in _WORK.items():
        match = pattern.match(stored)
        if match:
            power = int(match.groupdict().get("power", 0))
            work: int = 2**power * prod(int(text) for text in match.groups()[1 if power else 0 :])
            most, of = DEAREST[kind]
            return max(OWN, ceil(most * work / of))
    return OWN
