"""What an operation takes from AWS, at most. `tests/functional/test_budgets.py` holds every operation to it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """The most that one operation takes in an ordinary case.

    `calls` are AWS's operations, as "2 GetItem, PutItem"; `reads` and `writes` DynamoDB's units, with all indexes. The
    `kept` bytes stay in tables and indexes, with the 100 that DynamoDB adds for each entry.
    """

    calls: str = ""
    reads: float = 0.0
    writes: float = 0.0
    kept: int = 0
    logged: int = 0

    @property
    def counted(self) -> Counter[str]:
        """How often each of AWS's operations is called."""
        counts: Counter[str] = Counter()
        for part in filter(None, self.calls.split(", ")):
            number, _, name = part.rpartition(" ")
            counts[name] += int(number or 1)
        return counts

    def of(self, *operations: str) -> int:
        """How many calls are of these operations."""
        return sum(self.counted[name] for name in operations)


@dataclass(frozen=True)
class BatchBudget:
    """The most that one invocation with a batch takes: `once`, and for each record in it."""

    once: Budget = Budget()
    each: Budget = Budget()

    def of(self, records: int) -> Budget:
        """What an invocation with so many records takes."""
        counts = self.once.counted
        for name, number in self.each.counted.items():
            counts[name] += number * records
        return Budget(
            ", ".join(f"{number} {name}" for name, number in counts.items()),
            self.once.reads + self.each.reads * records,
            self.once.writes + self.each.writes * records,
            self.once.kept + self.each.kept * records,
            self.once.logged + self.each.logged * records,
        )
