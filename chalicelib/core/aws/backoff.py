"""The waits between repeated calls for what a service has left undone."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from chalicelib.core import clock

if TYPE_CHECKING:
    from collections.abc import Iterator


def rounds(times: int, *, first: float = 0.05, longest: float = 1.0) -> Iterator[int]:
    """The numbers of so many attempts, from 0 on, with a wait before each but the first.

    A wait is a random time of up to `first` seconds, doubled with each attempt, and at most `longest`. So callers that
    were refused at the same time do not all come back at the same time ("full jitter",
    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
    """
    for number in range(times):
        if number:
            most = min(longest, first * 2 ** (number - 1))
            clock.wait_until(clock.running() + random.uniform(0, most))  # noqa: S311 - no secret
        yield number
