"""The dearest hash of each kind that imports may bring, against one of ours: a failed sign-in may take no less.

Ours is computed before and after each, so that a busy machine slows both alike.
"""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

from benchmarks.measuring import Measured

if TYPE_CHECKING:
    from collections.abc import Iterator

AROUND = 4
"""Hashes of ours on each side of a dear one."""


def measure() -> Iterator[Measured]:
    from chalicelib.passwords import policy
    from tests.dearest_hashes import DEAREST, FAST, dearest_password

    own = policy.hashed("a password of somebody")
    _milliseconds(own)
    for kind, stored in DEAREST.items():
        if kind in FAST:
            continue
        around = [_milliseconds(own) for _ in range(AROUND)]
        dear = _milliseconds(stored, dearest_password(kind))
        around += [_milliseconds(own) for _ in range(AROUND)]
        yield Measured(f"{kind}, at its limits", dear, statistics.median(around), "ms")


def _milliseconds(stored: str, password: str = "another password") -> float:
    from chalicelib.passwords import policy

    started = time.process_time()
    policy.fits(stored, password)
    return (time.process_time() - started) * 1000
