"""Counting in one process, by no call: for what is cheap, or need not be exact."""

from __future__ import annotations

from collections import Counter

from chalicelib.core import clock

REMEMBERED = 10_000
"""Keys that one process keeps something of."""


class UsedUp:
    """Counters that this process has seen used up, until they begin anew: who asks again costs no further call."""

    def __init__(self) -> None:
        self._ends: dict[str, int] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._ends

    def add(self, key: str, ends: int) -> None:
        """Remember a key until `ends`, in seconds since 1970. Each key is of one period, and so none is asked for after
        it. Where there are too many, the latest are not remembered."""
        if len(self._ends) >= REMEMBERED:
            self._ends = {key: end for key, end in self._ends.items() if end > clock.epoch()}
        if len(self._ends) < REMEMBERED:
            self._ends[key] = ends


class Tally:
    """Counters by key. Where there are too many, all begin anew: nobody fills the memory of a process."""

    def __init__(self) -> None:
        self._counters: Counter[str] = Counter()

    def count(self, key: str) -> int:
        """Count one more: how many there are now."""
        if len(self._counters) >= REMEMBERED:
            self._counters.clear()
        self._counters[key] += 1
        return self._counters[key]
