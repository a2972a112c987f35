"""What became of a chunk's rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from chalicelib.imports.model import Counts, RowError

if TYPE_CHECKING:
    from collections.abc import Sequence

ERRORS_PER_ROW = 10
"""Faults kept of one row: who mends these sees the next ones then."""

RowOutcome = Literal["created", "updated", "unchanged"]


@dataclass
class Outcome:
    """By the number of each row what it became, or why it was refused."""

    became: dict[int, RowOutcome] = field(default_factory=dict)
    refused: dict[int, list[RowError]] = field(default_factory=dict)

    def record(self, number: int, became: RowOutcome) -> None:
        self.became[number] = became

    def refuse(self, number: int, errors: Sequence[RowError]) -> None:
        """One row failed, for these reasons."""
        self.refused[number] = sorted(errors)[:ERRORS_PER_ROW]

    @property
    def counts(self) -> Counts:
        counts = Counts(failed=len(self.refused))
        for became in self.became.values():
            counts.add({became: 1})
        return counts
