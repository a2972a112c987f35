"""How fast a process may write to tables whose capacity it does not know.

A new on-demand table takes 4,000 write units a second, and more only as its traffic grows: up to twice the peak of the
last 30 minutes (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html). So bulk
writes find the pace that the tables take by themselves, as TCP finds the speed of a line: without limit until the first
refusal, then slower by a fifth with each one, and faster by a twentieth a second while there is none.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import ClientError

from chalicelib.core import clock
from chalicelib.core.aws.batch import is_throttle
from chalicelib.core.aws.parallel import in_parallel
from chalicelib.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Value = TypeVar("Value")
Result = TypeVar("Result")

SLOWER = 0.8
FASTER = 0.05
"""How much the pace falls with a refusal, and how many calls a second it rises with a success, which is a twentieth of
it a second. In a simulation of half a million people on cold tables (tests/unit/core/test_pace.py), four functions
then end within 3 % of the shortest time, and one call in fifty is refused."""

SETTLES_SECONDS = 1.0
"""Calls that were on their way when the pace fell tell nothing about the new one. Also the time over which the pace of
before the first refusal is measured."""

SLOWEST = 0.5
"""Calls a second."""


class Pace:
    """When the next call may begin. It is shared by all threads of a process and kept between its invocations."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rate = math.inf
        """Calls a second."""
        self._next = 0.0
        """When the next call may begin, of `clock.running()`."""
        self._fell_at = -math.inf
        self._succeeded_at: deque[float] = deque()
        """The calls that succeeded in the last `SETTLES_SECONDS`."""

    def in_parallel(
        self, run: Callable[[Value], Result], values: Iterable[Value], workers: int, patience: float
    ) -> list[Result]:
        """As `parallel.in_parallel`, with calls at this pace: `run` is called again with a value while AWS throttles
        it, so it must be repeatable. Raises Unavailable where `patience` seconds were not enough."""
        deadline = clock.running() + patience
        return in_parallel(lambda value: self._run(run, value, deadline), values, workers)

    def _run(self, run: Callable[[Value], Result], value: Value, deadline: float) -> Result:
        while True:
            now = clock.running()
            while (begins := self.claim(now)) is not None:
                if begins > deadline:
                    raise Unavailable("the tables do not take all writes yet")
                clock.wait_until(begins)
                now = max(begins, clock.running())
            try:
                result = run(value)
            except ClientError as error:
                if not is_throttle(error) or clock.running() > deadline:
                    raise
                self.throttled(clock.running())
            else:
                self.succeeded(clock.running())
                return result

    def claim(self, now: float) -> float | None:
        """Begin a call now: None if it may, else when to ask again. Who waits claims nothing before, so that all feel a
        change of the pace at once."""
        with self._lock:
            if now < self._next:
                return self._next
            self._next = now + 1 / self._rate
            return None

    def succeeded(self, now: float) -> None:
        with self._lock:
            self._succeeded_at.append(now)
            self._drop_old(now)
            if (
                len(self._succeeded_at) > self._rate * SETTLES_SECONDS * SLOWER
            ):  # a pace that nobody keeps says nothing
                self._rate += FASTER

    def throttled(self, now: float) -> None:
        with self._lock:
            if now < self._fell_at + SETTLES_SECONDS:
                return
            self._fell_at = now
            self._drop_old(now)
            kept = min(self._rate, len(self._succeeded_at) / SETTLES_SECONDS)
            self._rate = max(SLOWEST, kept * SLOWER)
            self._next = now + 1 / self._rate

    def _drop_old(self, now: float) -> None:
        while self._succeeded_at and self._succeeded_at[0] < now - SETTLES_SECONDS:
            self._succeeded_at.popleft()
