"""The report of an import: one line of JSON for each row, and the same as CSV.

A refused row is written in our own format, without its secrets, with `_ref`, `_line` and `_errors` as further columns.
So the report is a file that can be corrected and imported again.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from chalicelib.core import wire
from chalicelib.imports.columns import (
    BECAME,
    COLUMNS,
    ERRORS,
    LINE,
    REF,
    REPORT,
    SECRETS,
)
from chalicelib.imports.formats.csv_cells import cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from chalicelib.imports.model import Content, RowError
    from chalicelib.imports.rows.reading import Reading


def refused(reading: Reading, errors: Sequence[RowError], content: Content) -> dict[str, Any]:
    """A refused row. Values of unknown columns are left out: their meaning is not known."""
    row = reading.row or {}
    values = {name: row[name] for name in COLUMNS[content] if name in row and name not in SECRETS}
    faults = [{"field": error.field, "reason": error.reason} for error in errors]
    return {REF: reading.ref, LINE: reading.line, ERRORS: faults, **values}


def would_become(reading: Reading, became: str) -> dict[str, Any]:
    """A row that a trial did not refuse, and what an import would do with it."""
    return {REF: reading.ref, LINE: reading.line, BECAME: became}


def written(row: dict[str, Any]) -> bytes:
    """One line of JSON."""
    return wire.to_json(row).encode() + b"\n"


def as_csv(lines: Iterable[bytes], content: Content, *, trial: bool = False) -> Iterator[bytes]:
    """The lines of a report as CSV, which the import of a retry takes too."""
    columns = [*REPORT, *([BECAME] if trial else []), *(name for name in COLUMNS[content] if name not in SECRETS)]
    yield csv_line(columns)
    for line in lines:
        row = json.loads(line)
        row[ERRORS] = "; ".join(f"{fault['field']}: {fault['reason']}" for fault in row.get(ERRORS, ()))
        yield csv_line(row.get(name) for name in columns)


def csv_line(values: Iterable[Any]) -> bytes:
    """One line of CSV (RFC 4180), whose cells no spreadsheet runs."""
    row = io.StringIO()
    csv.writer(row).writerow([cell(value) for value in values])
    return row.getvalue().encode("utf-8", "backslashreplace")


def lines_in(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a report that comes in blocks, each with its end."""
    rest = b""
    for block in blocks:
        *whole, rest = (rest + block).split(b"\n")
        yield from (line + b"\n" for line in whole)
    if rest:
        yield rest
