"""What rounds of load say: medians over rounds of rates, percentiles and CPU time."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.peers.load import Observed


@dataclass(frozen=True)
class Figures:
    """One peer at one operation and one number of requests at once. Times are milliseconds; NaN where no reply was
    right."""

    per_second: float
    p50: float
    p95: float
    cpu: float
    """CPU time of the server for each reply, right or wrong."""
    errors: int


def percentile(values: Sequence[float], share: float) -> float:
    """The least of the values that so large a share of them does not exceed (nearest rank); NaN of none."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def figures_of(observed: Observed, cpu_seconds: float) -> Figures:
    """The figures of one round."""
    return Figures(
        per_second=len(observed.times) / observed.seconds if observed.seconds else math.nan,
        p50=percentile(observed.times, 0.5) * 1000,
        p95=percentile(observed.times, 0.95) * 1000,
        cpu=cpu_seconds / observed.replies * 1000 if observed.replies else math.nan,
        errors=observed.wrong.total(),
    )


def median_of(rounds: Iterable[Figures]) -> Figures:
    """Each figure's median over rounds, whatever the others of that round were; errors are added up."""
    rounds = list(rounds)
    middle = {
        name: statistics.median(getattr(each, name) for each in rounds)
        for name in ("per_second", "p50", "p95", "cpu")
    }
    return Figures(**middle, errors=sum(each.errors for each in rounds))
