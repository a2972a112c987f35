"""Counting in one process, by no call: for what is cheap, or need not be exact."""

from __future__ import annotations

from collections import Counter

REMEMBERED = 10_000
"""Keys that one process keeps something of."""


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
