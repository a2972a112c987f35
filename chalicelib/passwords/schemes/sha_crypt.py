"""SHA-crypt, `$5$` and `$6$`: https://www.akkadia.org/drepper/SHA-crypt.txt.

Python's own `crypt` is gone since 3.13; passlib's successor would bring all that passlib is for these hashes alone.
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
"""After so many rounds (2 · 3 · 7) their pattern begins anew."""


class ShaCrypt:
    ROUNDS = 1_000_000
    FEWEST_ROUNDS = 1_000
    """The specification's own."""
    UNSAID_ROUNDS = 5_000

    _PATTERN = re.compile(
        r"\$[56]\$(?:rounds=(?P<rounds>[1-9]\d{0,9})\$)?(?P<salt>[./0-9A-Za-z]{0,16})\$(?P<digest>[./0-9A-Za-z]+)"
    )

    def __init__(self, digest: Literal["sha256", "sha512"]) -> None:
        self.kind = f"{digest}-crypt"
        self._hash = hashlib.sha256 if digest == "sha256" else hashlib.sha512
        self._encode = _encoded_sha256 if digest == "sha256" else _encoded_sha512
        self._characters = 43 if digest == "sha256" else 86

    def check(self, stored: str) -> None:
        found = self._PATTERN.fullmatch(stored)
        if not found or len(found["digest"]) != self._characters:
            raise ValueError(f"is not a {self.kind} hash")
        if not self.FEWEST_ROUNDS <= self._rounds(found) <= self.ROUNDS:
            raise ValueError(f"asks for more than {self.ROUNDS:,} rounds, or for less than {self.FEWEST_ROUNDS:,}")

    def fits(self, stored: str, password: bytes) -> bool:
        found = self._PATTERN.fullmatch(stored)
        if not found or len(password) > crypt64.LONGEST_PASSWORD:
            return False
        raw = self._raw(password, found["salt"].encode(), self._rounds(found))
        return hmac.compare_digest(crypt64.encoded(self._encode(raw)), found["digest"])

    def _rounds(self, found: re.Match[str]) -> int:
        return int(found["rounds"] or self.UNSAID_ROUNDS)

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
    """Step 21. An even round hashes what came before and then parts that depend on its number only, an odd one such
    parts first: they are put together once."""
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
    """So many bytes of a block repeated."""
    return (block * (size // len(block) + 1))[:size]


def _encoded_sha256(raw: bytes) -> Iterable[bytes]:
    """The order of step 22e: a third apart, each next group begun one third earlier."""
    for place in range(10):
        yield _rotated((raw[place], raw[place + 10], raw[place + 20]), -place)
    yield bytes((raw[31], raw[30]))


def _encoded_sha512(raw: bytes) -> Iterable[bytes]:
    for place in range(21):
        yield _rotated((raw[place], raw[place + 21], raw[place + 42]), place)
    yield raw[63:]


def _rotated(group: tuple[int, int, int], places: int) -> bytes:
    places %= 3
    return bytes(group[places:] + group[:places])
