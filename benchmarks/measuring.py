"""Medians of interleaved runs, so that a busy machine slows what is compared alike."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

P = ParamSpec("P")
Returned = TypeVar("Returned")


@dataclass(frozen=True)
class Measured:
    """One line of the report: what was measured and its baseline, both in `unit`, mostly as medians."""

    what: str
    value: float
    baseline: float
    unit: str
    at_most: float | None = None
    """What the ratio is held to."""
    at_least: float | None = None

    @property
    def ratio(self) -> float:
        return round(self.value / self.baseline, 4)

    @property
    def held(self) -> bool:
        """Whether the ratio is what it is held to."""
        most, least = self.at_most, self.at_least
        return (most is None or self.ratio <= most) and (least is None or self.ratio >= least)

    @property
    def promise(self) -> str:
        """What the ratio is held to, in words; nothing where it is held to nothing."""
        bounds = ((self.at_most, "≤"), (self.at_least, "≥"))
        return ", ".join(f"{sign} {bound:.3g}" for bound, sign in bounds if bound is not None)

    def __str__(self) -> str:
        ratio = f"{self.ratio:7.2f}"
        return f"  {self.what:<34}{self.value:>10.2f} {self.unit:<3}{self.baseline:>10.2f} {self.unit:<3}{ratio}"


def medians(runs: Mapping[str, Callable[[], float]], *, rounds: int, seconds: float) -> dict[str, float]:
    """The median of what each of `runs` returns over up to so many rounds; no round begins after `seconds`."""
    found: dict[str, list[float]] = {name: [] for name in runs}
    deadline = time.monotonic() + seconds
    for done in range(rounds):
        if done and time.monotonic() > deadline:
            break
        for name, run in runs.items():
            found[name].append(run())
    return {name: statistics.median(values) for name, values in found.items()}


class Aside:
    """CPU time that is not to be counted: that of a stand-in, or of a part that is measured elsewhere."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def timed(self, function: Callable[P, Returned]) -> Callable[P, Returned]:
        """The same function, whose time is not counted. It takes no longer than half a microsecond more."""

        def aside(*args: P.args, **kwargs: P.kwargs) -> Returned:
            started = time.thread_time()
            try:
                return function(*args, **kwargs)
            finally:
                self.seconds += time.thread_time() - started

        return aside


def microseconds(run: Callable[[], object], times: int, aside: Aside | None = None) -> float:
    """The CPU time of one of so many runs, in microseconds, without what is `aside`."""
    aside = aside or Aside()
    started, before = time.process_time(), aside.seconds
    for _ in range(times):
        run()
    return (time.process_time() - started - (aside.seconds - before)) / times * 1e6
