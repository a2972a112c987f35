"""The consumer of a queue in simulated time: as many invocations at once as it may have, each in a thread of its own.

Time stands still while anybody works, and moves to the next moment at which somebody has something to do.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock

if TYPE_CHECKING:
    from collections.abc import Callable

DEADLINE_SECONDS = 60
"""Of real time, for whoever works: longer means that the simulation hangs."""


@dataclass
class Consumer:
    """Runs `handle` over messages, `concurrency` of them at once. The clock must be held."""

    handle: Callable[[dict[str, Any]], None]
    concurrency: int
    _busy: int = 0
    _running: int = 0
    _waiting: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _ready: list[dict[str, Any]] = field(default_factory=list)
    _failures: list[BaseException] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _order: Any = field(default_factory=itertools.count)

    def after(self, seconds: float, then: Callable[[], None]) -> None:
        """Have `then` done so many seconds from now."""
        with self._changed:
            moment = clock.now().timestamp() + seconds
            heapq.heappush(self._waiting, (moment, next(self._order), then))

    def send(self, record: dict[str, Any], delay: float = 0) -> None:
        """Put one record of an SQS event on the queue."""
        self.after(delay, lambda: self._ready.append(record))

    def sleep(self, seconds: float) -> None:
        """Wait, for what answers an invocation: nobody works meanwhile on its behalf."""
        awake = threading.Event()

        def wake() -> None:
            self._busy += 1
            awake.set()

        self.after(seconds, wake)
        self._work(-1)
        if not awake.wait(DEADLINE_SECONDS):
            raise TimeoutError

    def run(self, seconds: float) -> None:
        """Let so much time pass, then the invocations that are still running end. Raises what any of them raised."""
        end = clock.now().timestamp() + seconds
        while self._step(end):
            pass
        if self._failures:
            raise self._failures[0]

    def _step(self, end: float) -> bool:
        with self._changed:
            if not self._changed.wait_for(lambda: self._busy == 0, DEADLINE_SECONDS):
                raise TimeoutError
            now = clock.now().timestamp()
            if now < end and self._ready and self._running < self.concurrency:
                self._start(self._ready.pop(0))
                return True
            if not self._waiting or (self._waiting[0][0] > end and not self._running):
                return False
            moment, _, then = heapq.heappop(self._waiting)
            clock.tick(seconds=max(moment - now, 0))
            then()
            return True

    def _start(self, record: dict[str, Any]) -> None:
        self._busy += 1
        self._running += 1

        def invoke() -> None:
            try:
                self.handle({"Records": [record]})
            except BaseException as error:
                self._failures.append(error)
            with self._changed:
                self._running -= 1
            self._work(-1)

        threading.Thread(target=invoke).start()

    def _work(self, change: int) -> None:
        with self._changed:
            self._busy += change
            self._changed.notify_all()
