"""How long to wait before asking again for what a service left undone."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from chalicelib.core import clock

if TYPE_CHECKING:
    from collections.abc import Iterator


def rounds(times: int, *, first: float = 0.05, longest: float = 1.0) -> Iterator[int]:
    """The numbers of so many rounds of asking, from 0 on, with a wait before each but the first.

    A wait is anything up to `first` seconds, twice as much each time, `longest` at most: many who were turned away at
    once do not come back at once ("full jitter",
    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
    """
    for number in range(times):
        if number:
            most = min(longest, first * 2 ** (number - 1))
            clock.wait_until(clock.running() + random.uniform(0, most))  # noqa: S311 - no secret
        yield number
