"""Estimates what a comparison of a password with a hash costs, before it is made."""

from __future__ import annotations

import re
from math import ceil, prod

MEMORY_MB = 1769
"""The memory of a function for which these estimates hold: from there on it has one whole core
(https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html)."""

OWN = 40
"""Milliseconds for one of our own hashes on one core of Lambda: Argon2id, two passes over 19 MiB."""

DEAREST = {
    "libsodium": (640, 128 * 1024 * 5),
    "argon2": (1500, 128 * 1024 * 5),
    "bcrypt": (3600, 2**15),
    "scrypt": (5400, 2**23),
    "pbkdf2-sha3": (3200, 2_000_000),
    "pbkdf2": (2200, 2_000_000),
    "crypt": (2400, 1_000_000),
}
"""The milliseconds of a hash at the limits of its scheme, and its work. They are at least one and a half times what
`python -m benchmarks hashing` says of a core of 2026, because one of Lambda is slower, and the floor has a quarter on
top; docs/passwords.md has the figures. The work is memory times passes, 2^cost, N times r times p, iterations, rounds
or digests. The first pattern counts that fits."""

LANE_KIB = 384
"""A lane of Argon2 is reckoned with so much memory at least: to begin one takes time, however little it has to do."""

_WORK = {
    "libsodium": re.compile(r"\$argon2id\$v=\d+\$m=(\d+),t=(\d+),p=1\$[A-Za-z0-9+/]{22}\$"),
    "argon2": re.compile(r"\$argon2(?:id|i|d)\$v=\d+\$m=(?P<memory>\d+),t=(?P<passes>\d+),p=(?P<lanes>\d+)"),
    "bcrypt": re.compile(r"(?:\$bcrypt-[a-z0-9-]+)?\$2[aby]\$(?P<power>\d\d)\$"),
    "scrypt": re.compile(r"\$(?:fire)?scrypt(?:-nfkc)?\$ln=(?P<power>\d+),r=(\d+),p=(\d+)\$"),
    "pbkdf2-sha3": re.compile(r"\$pbkdf2-sha3-[0-9]+\$i=(\d+)"),
    "pbkdf2": re.compile(r"\$pbkdf2-[a-z0-9]+\$i=(\d+)"),
    "crypt": re.compile(r"(?:\$[56]\$rounds=|\$iterated-[a-z0-9]+\$i=)(\d+)[$,]"),
}

_ORDER = ("i", "ln", "r", "p")
"""Of the parameters in these patterns. In a hash it is free."""


def milliseconds(stored: str) -> int:
    """About how many milliseconds a comparison takes on one core of Lambda; at least as many as with a hash of ours."""
    stored = _in_order(stored)
    for kind, pattern in _WORK.items():
        match = pattern.match(stored)
        if match:
            most, of = DEAREST[kind]
            return max(OWN, ceil(most * _work(match) / of))
    return OWN


def _work(match: re.Match[str]) -> int:
    named = {name: int(number) for name, number in match.groupdict().items()}
    if "lanes" in named:
        return max(named["memory"], LANE_KIB * named["lanes"]) * named["passes"]
    power = named.get("power", 0)
    work: int = 2**power * prod(map(int, match.groups()[1 if power else 0 :]))
    return work


def _in_order(stored: str) -> str:
    """The hash with its parameters in the order of the patterns."""
    parts = stored.split("$", 3)
    if len(parts) == 4:
        parts[2] = ",".join(sorted(parts[2].split(","), key=_position))
    return "$".join(parts)


def _position(pair: str) -> int:
    name = pair.partition("=")[0]
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


def step(milliseconds: int) -> int:
    """The estimate, rounded up to one of eight steps between a power of two and the next: so that a file with a
    thousand different costs has a few dozen steps. At most an eighth more."""
    size = 1 << max(0, milliseconds.bit_length() - 4)
    return -(-milliseconds // size) * size
