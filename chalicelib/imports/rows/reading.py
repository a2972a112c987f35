"""Read the rows of a chunk: translate rows of other systems into Rollcall's columns, and add the secrets of mended
rows."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib.imports.columns import (
    COLUMNS,
    REF,
    REPORT,
    SECRETS,
)
from chalicelib.imports.model import RowError, shown
from chalicelib.imports.rows.chunk_lines import reference
from chalicelib.imports.systems import SystemOptions, Translation, translator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from chalicelib.imports.model import Content
    from chalicelib.imports.notes import Note
    from chalicelib.imports.rows.chunk_lines import Line


class Reading(NamedTuple):
    """A row with Rollcall's columns, and the errors found so far. `row` is None if it could not be read. In a retry,
    `number` and `line` are still those of the first run, so that a row stays the same one however often it is sent. A
    row of a retry that belongs to no row of the first run has a number below 0."""

    number: int
    line: int
    ref: str
    row: dict[str, Any] | None
    errors: list[RowError]
    notes: Sequence[Note] = ()
    nobody: str = ""
    """What the row is, where it is no person: it makes nobody."""


def read(
    lines: Iterable[Line], content: Content, chunk: int, system: str, options: SystemOptions
) -> list[Reading]:
    """The rows of a chunk, in the first run of a job."""
    translate = translator(system, options)
    return [_read(line, reference(chunk, line.number), content, translate) for line in lines]


def read_again(
    lines: Iterable[Line],
    content: Content,
    source: Callable[[int], Iterable[Line]],
    system: str,
    options: SystemOptions,
) -> list[Reading]:
    """The rows of a chunk, in a retry. `source` returns the lines of a chunk of the first run. From these come the
    secrets that a mended row does not have itself."""
    sent_lines = [(line, *line.named()) for line in lines]
    numbers_by_chunk: defaultdict[int, set[int]] = defaultdict(set)
    for _, chunk, number in sent_lines:
        numbers_by_chunk[chunk].add(number)
    first_lines = {
        (chunk, line.number): line
        for chunk, numbers in sorted(numbers_by_chunk.items())
        if chunk
        for line in source(chunk)
        if line.number in numbers
    }
    translate, readings = translator(system, options), []
    for line, chunk, number in sent_lines:
        first_line = first_lines.get((chunk, number))
        if first_line is None:
            reason = f"must have the {REF} that the report gives it"
            readings.append(Reading(-line.number, line.line, "", None, [RowError(line.line, REF, reason)]))
            continue
        row_line = line._replace(number=number, line=first_line.line)
        secrets = _secrets(first_line, translate) if content == "users" else {}
        readings.append(_read(row_line, reference(chunk, number), content, partial(_mended, secrets)))
    return readings


def _mended(secrets: dict[str, Any], row: dict[str, Any]) -> Translation:
    """A mended row, with the secrets of the first run. Its own values come first: also an empty value, which says that
    there is no such secret any more."""
    return Translation({**secrets, **{name: value for name, value in row.items() if name not in REPORT}})


def _secrets(line: Line, translate: Callable[[dict[str, Any]], Translation]) -> dict[str, Any]:
    try:
        row = translate(line.document()).row
    except ValueError:
        return {}
    return {name: value for name, value in row.items() if name in SECRETS}


def _read(line: Line, ref: str, content: Content, translate: Callable[[dict[str, Any]], Translation]) -> Reading:
    try:
        translation = translate(line.document())
    except ValueError as error:
        return Reading(line.number, line.line, ref, None, [RowError(line.line, shown(""), str(error))])
    errors = [RowError(line.line, field, reason) for field, reason in translation.faults]
    if not translation.row.keys() <= _COLUMNS[content]:
        errors = [*_unknown_columns(translation.row, line.line, content), *errors]
    return Reading(line.number, line.line, ref, translation.row, errors, translation.notes, translation.nobody)


def _unknown_columns(row: dict[str, Any], line: int, content: Content) -> list[RowError]:
    unknown_columns = [name for name in row if name not in _COLUMNS[content]]
    return [RowError(line, shown(name), f"is no column of {_CONTENT_NAMES[content]}") for name in unknown_columns]


_COLUMNS = {content: frozenset(columns) for content, columns in COLUMNS.items()}
_CONTENT_NAMES = {"users": "people", "items": "items"}
