"""SHA-crypt, `$5$` and `$6$`: https://www.akkadia.org/drepper/SHA-crypt.txt.

Python 3.13 has no `crypt` module any more; a fork of passlib would be a large library for these hashes alone.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from itertools import islice
from typing import TYPE_CHECKING, Literal

from chalicelib.passwords.schemes import crypt64

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

CYCLE = 42
"""After so many rounds (2 · 3 · 7) their pattern repeats."""


class ShaCrypt:
    ROUNDS = 1_000_000
    FEWEST_ROUNDS = 1_000
    """The least that the specification allows."""
    DEFAULT_ROUNDS = 5_000

    _PATTERN = re.compile(
        r"\$[56]\$(?:rounds=(?P<rounds>[1-9]\d{0,9})\$)?(?P<salt>[./0-9A-Za-z]{0,16})\$(?P<digest>[./0-9A-Za-z]+)"
    )

    def __init__(self, digest: Literal["sha256", "sha512"]) -> None:
        self.kind = f"{digest}-crypt"
        self._hash = hashlib.sha256 if digest == "sha256" else hashlib.sha512
        self._encode = _encoded_sha256 if digest == "sha256" else _encoded_sha512
        self._characters = 43 if digest == "sha256" else 86

    def check(self, stored: str) -> None:
        match = self._PATTERN.fullmatch(stored)
        if not match or len(match["digest"]) != self._characters:
            raise ValueError(f"is not a {self.kind} hash")
        if not self.FEWEST_ROUNDS <= self._rounds(match) <= self.ROUNDS:
            raise ValueError(f"asks for more than {self.ROUNDS:,} rounds, or for less than {self.FEWEST_ROUNDS:,}")

    def fits(self, stored: str, password: bytes) -> bool:
        match = self._PATTERN.fullmatch(stored)
        if not match or len(password) > crypt64.LONGEST_PASSWORD:
            return False
        raw = self._raw(password, match["salt"].encode(), self._rounds(match))
        return hmac.compare_digest(crypt64.encoded(self._encode(raw)), match["digest"])

    def _rounds(self, match: re.Match[str]) -> int:
        return int(match["rounds"] or self.DEFAULT_ROUNDS)

    def _raw(self, password: bytes, salt: bytes, rounds: int) -> bytes:
        """The digest before it is encoded. The comments name the steps of the specification."""
        hashed = self._hash
        b = hashed(password + salt + password).digest()  # 4-8
        bits = b"".join(b if len(password) >> bit & 1 else password for bit in range(len(password).bit_length()))
        a = hashed(password + salt + _filled(b, len(password)) + bits).digest()  # 1-3, 9-12
        p = _filled(hashed(password * len(password)).digest(), len(password))  # 13-16
        s = _filled(hashed(salt * (16 + a[0])).digest(), len(salt))  # 17-20
        return _stretched(a, p, s, rounds, lambda data: hashed(data).digest())


def _stretched(start: bytes, p: bytes, s: bytes, rounds: int, digest: Callable[[bytes], bytes]) -> bytes:
    """Step 21. An even round hashes the state and then parts that depend only on the round's number; an odd round
    hashes such parts first. These parts are joined once, before the rounds."""
    between = [(s if number % 3 else b"") + (p if number % 7 else b"") for number in range(CYCLE)]
    pairs = [(between[even] + p, p + between[even + 1]) for even in range(0, CYCLE, 2)]
    state = start
    for behind, before in islice(_repeated(pairs), rounds // 2):
        state = digest(before + digest(state + behind))
    if rounds % 2:
        behind, _ = pairs[rounds % CYCLE // 2]
        state = digest(state + behind)
    return state


def _repeated(pairs: list[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    while True:
        yield from pairs


def _filled(block: bytes, size: int) -> bytes:
    """The block, repeated to `size` bytes."""
    return (block * (size // len(block) + 1))[:size]


def _encoded_sha256(raw: bytes) -> Iterable[bytes]:
    """The bytes in the order of step 22e: three that are a third of the digest apart, each group rotated by one
    more."""
    for index in range(10):
        yield _rotated((raw[index], raw[index + 10], raw[index + 20]), -index)
    yield bytes((raw[31], raw[30]))


def _encoded_sha512(raw: bytes) -> Iterable[bytes]:
    for index in range(21):
        yield _rotated((raw[index], raw[index + 21], raw[index + 42]), index)
    yield raw[63:]


def _rotated(group: tuple[int, int, int], distance: int) -> bytes:
    distance %= 3
    return bytes(group[distance:] + group[:distance])
