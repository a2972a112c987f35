"""Password hashes against one of our own: other libraries that compute the same, and the dearest hash of each kind that
imports may bring. A failed sign-in may take no less than the dearest of the stage (docs/passwords.md).

Ours is computed before and after each, so that a busy machine slows both alike.
"""

from __future__ import annotations

import statistics
import time
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.measuring import Measured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

AROUND = 4
"""Hashes of ours on each side of a dear one."""
PAIRS = 15
"""Runs of each library, between runs of ours."""

PASSWORD, SALT = b"a password of somebody", b"sixteen bytes of"
MEMORY_KIB, PASSES, SIZE = 19456, 2, 32


def measure() -> Iterator[Measured]:
    yield from _libraries()
    yield from _dearest()


def own_milliseconds() -> float:
    """The CPU time of one of our own hashes: the median of some."""
    _milliseconds(_ours)
    return statistics.median(_milliseconds(_ours) for _ in range(PAIRS))


def _libraries() -> Iterator[Measured]:
    for name, compute in {"argon2-cffi": _by_reference, "cryptography": _by_openssl}.items():
        assert compute() == _ours()
        pairs = [(_milliseconds(compute), _milliseconds(_ours)) for _ in range(PAIRS)]
        other, ours = (statistics.median(times) for times in zip(*pairs, strict=True))
        yield Measured(f"ours, by {name}", other, ours, "ms", at_least=1)


def _dearest() -> Iterator[Measured]:
    from chalicelib.passwords import schemes
    from tests.dearest_hashes import DEAREST, FAST, dearest_password

    for kind, stored in DEAREST.items():
        if kind in FAST:
            continue
        password = dearest_password(kind).encode()
        around = [_milliseconds(_ours) for _ in range(AROUND)]
        dear = _milliseconds(partial(schemes.fits, stored, password))
        around += [_milliseconds(_ours) for _ in range(AROUND)]
        yield Measured(f"{kind}, at its limits", dear, statistics.median(around), "ms")


def _ours() -> bytes:
    from chalicelib.passwords.schemes import argon2

    return argon2.derived("argon2id", PASSWORD, SALT, SIZE, memory=MEMORY_KIB, passes=PASSES, lanes=1)


def _by_reference() -> bytes:
    from argon2.low_level import Type, hash_secret_raw

    return hash_secret_raw(PASSWORD, SALT, PASSES, MEMORY_KIB, 1, SIZE, Type.ID)


def _by_openssl() -> bytes:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    return Argon2id(salt=SALT, length=SIZE, iterations=PASSES, lanes=1, memory_cost=MEMORY_KIB).derive(PASSWORD)


def _milliseconds(run: Callable[[], object]) -> float:
    started = time.process_time()
    run()
    return (time.process_time() - started) * 1000
