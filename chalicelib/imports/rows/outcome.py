"""The outcomes of the rows of a chunk."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from chalicelib.imports.model import Counts, RowError
from chalicelib.imports.notes import Notes

if TYPE_CHECKING:
    from collections.abc import Sequence

ERRORS_PER_ROW = 10
"""The most faults that are stored for one row. After these are mended, the next run shows the others."""

RowOutcome = Literal["created", "updated", "unchanged"]


@dataclass
class Outcome:
    """The outcome of each row, or the errors for which it was refused, by row number."""

    became: dict[int, RowOutcome] = field(default_factory=dict)
    refused: dict[int, list[RowError]] = field(default_factory=dict)
    notes: Notes = field(default_factory=Notes)

    def record(self, number: int, became: RowOutcome) -> None:
        self.became[number] = became

    def refuse(self, number: int, errors: Sequence[RowError]) -> None:
        """Store that a row failed, with its errors."""
        self.refused[number] = sorted(errors)[:ERRORS_PER_ROW]

    @property
    def counts(self) -> Counts:
        counts = Counts(failed=len(self.refused))
        counts.add(Counter(self.became.values()))
        return counts
