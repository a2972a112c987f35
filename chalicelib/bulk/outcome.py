"""What became of a chunk's rows: counts, and the faults that the report will list."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chalicelib.bulk.model import Counts, RowError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ERRORS_PER_ROW = 10
"""Faults kept of one row: who mends these sees the next ones then."""


@dataclass
class Outcome:
    counts: Counts = field(default_factory=Counts)
    errors: list[RowError] = field(default_factory=list)

    def failed(self, errors: Sequence[RowError]) -> None:
        """One row failed, for these reasons."""
        self.counts.failed += 1
        self.errors += errors[:ERRORS_PER_ROW]

    def stored(self) -> dict[str, Any]:
        """As the fields of a job's part. Errors are packed: 500 rows' worth fits into a few KB, and needs no call."""
        packed = "".join(f"{json.dumps(error)}\n" for error in sorted(self.errors))
        return {"counts": self.counts.stored(), "errors": gzip.compress(packed.encode(), mtime=0)}


def errors_in(part: dict[str, Any]) -> Iterator[RowError]:
    """The errors in a job's part that `Outcome.stored` made."""
    for line in gzip.decompress(part["errors"]).decode().splitlines():
        yield RowError(*json.loads(line))
