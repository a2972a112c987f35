"""Counts the password hashes that are computed, by a scheme that stands before the real one."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from chalicelib.core import clock
from chalicelib.passwords import schemes
from chalicelib.passwords.schemes import cost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.passwords.schemes.scheme import Scheme

PREFIX = "$argon2id$"


class Counting:
    """A scheme that does what another does, and remembers each hash that it computes."""

    def __init__(self, real: Scheme, computed: list[str]) -> None:
        self._real = real
        self._computed = computed
        self.kind = real.kind

    def check(self, stored: str) -> None:
        self._real.check(stored)

    def fits(self, stored: str, password: bytes) -> bool:
        self._computed.append(stored)
        return self._real.fits(stored, password)


@contextmanager
def hashes_computed() -> Iterator[list[str]]:
    """The stored hashes against which a password is checked while the block runs."""
    computed: list[str] = []
    real = schemes.SCHEMES[PREFIX]
    schemes.SCHEMES[PREFIX] = Counting(real, computed)
    try:
        yield computed
    finally:
        schemes.SCHEMES[PREFIX] = real


class Timed:
    """A scheme whose hashes take, by the held clock, the time that they are reckoned to take. Nothing fits them."""

    def __init__(self, real: Scheme) -> None:
        self._real = real
        self.kind = real.kind

    def check(self, stored: str) -> None:
        self._real.check(stored)

    def fits(self, stored: str, password: bytes) -> bool:
        clock.tick(milliseconds=cost.milliseconds(stored))
        return False


@contextmanager
def hashes_take_time() -> Iterator[None]:
    """Every password hash moves the held clock while the block runs."""
    real = dict(schemes.SCHEMES)
    schemes.SCHEMES.update({prefix: Timed(scheme) for prefix, scheme in real.items()})
    try:
        yield
    finally:
        schemes.SCHEMES.update(real)
