"""The rows of a chunk as item writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from chalicelib import items
from chalicelib.bulk.columns import COLUMNS
from chalicelib.bulk.model import RowError, shown
from chalicelib.bulk.outcome import Outcome
from chalicelib.core.http import invalid

if TYPE_CHECKING:
    from chalicelib.bulk.lines import Line
    from chalicelib.bulk.model import Options


def run(lines: list[Line], _job_id: str, options: Options) -> Outcome:
    """Store the items of a chunk's rows, one conditional write for each key. A trial validates them only."""
    outcome = Outcome()
    writes: list[items.ItemWrite] = []
    for line in lines:
        read = _write_in(line)
        if isinstance(read, items.ItemWrite):
            writes.append(read)
        else:
            outcome.failed(read)
    won = [True] * len(writes) if options.dry_run else items.apply_all(writes)
    outcome.counts.created += sum(won)
    outcome.counts.unchanged += len(won) - sum(won)
    return outcome


def _write_in(line: Line) -> items.ItemWrite | list[RowError]:
    row, errors = line.document(COLUMNS["items"], "items")
    if row is None or errors:
        return errors
    try:
        return items.ItemWrite.model_validate(row)
    except ValidationError as error:
        return [RowError(line.line, shown(each["field"]), each["message"]) for each in invalid(error).errors]
