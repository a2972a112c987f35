"""The rows of a chunk as item writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from chalicelib import items
from chalicelib.core.http.models import invalid
from chalicelib.imports.model import RowError, shown
from chalicelib.imports.rows.outcome import Outcome

if TYPE_CHECKING:
    from chalicelib.imports.model import Options
    from chalicelib.imports.rows.reading import Reading


def run(readings: list[Reading], _job_id: str, options: Options, _run: str) -> Outcome:
    """Store the items of a chunk's rows, one conditional write for each key. A trial validates them only."""
    outcome = Outcome()
    writes: list[tuple[int, items.ItemWrite]] = []
    for reading in readings:
        write_or_errors = write_in(reading)
        if isinstance(write_or_errors, items.ItemWrite):
            writes.append((reading.number, write_or_errors))
        else:
            outcome.refuse(reading.number, write_or_errors)
    stored = [True] * len(writes) if options.dry_run else items.apply_all([write for _, write in writes])
    for (number, _), is_stored in zip(writes, stored, strict=True):
        outcome.record(number, "created" if is_stored else "unchanged")
    return outcome


def write_in(reading: Reading) -> items.ItemWrite | list[RowError]:
    """The write of an item that is in a row, or all errors of the row."""
    if reading.row is None or reading.errors:
        return reading.errors
    try:
        return items.ItemWrite.model_validate(reading.row)
    except ValidationError as error:
        return [RowError(reading.line, shown(each["field"]), each["message"]) for each in invalid(error).errors]
