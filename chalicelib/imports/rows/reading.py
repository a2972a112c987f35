"""The rows of a chunk as rows of ours: out of another system's words, a mended one with its secrets."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from chalicelib.imports.columns import (
    COLUMNS,
    REF,
    REPORT,
    SECRETS,
)
from chalicelib.imports.model import RowError, shown
from chalicelib.imports.systems import SYSTEMS, SystemOptions, Translation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chalicelib.imports.model import Content
    from chalicelib.imports.rows.chunk_lines import Line


@dataclass(frozen=True)
class Reading:
    """A row of ours with what is wrong with it so far; None where there is none. Number and line are those of the
    first run also in a retry, so that a row stays the same one however often it is sent; a row that stands for none
    has a number below 0."""

    number: int
    line: int
    ref: str
    row: dict[str, Any] | None
    errors: list[RowError]


def read(
    lines: Iterable[Line], content: Content, chunk: int, system: str, options: SystemOptions
) -> list[Reading]:
    """The rows of a chunk of a job's first run."""
    return [_read(line, f"{chunk}-{line.number}", content, _translation(system, options)) for line in lines]


def read_again(
    lines: Iterable[Line],
    content: Content,
    source: Callable[[int], Iterable[Line]],
    system: str,
    options: SystemOptions,
) -> list[Reading]:
    """The rows of a chunk of a retry. `source` gives the lines of a chunk of the first run, from which come the secrets
    that a mended row does not give itself."""
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
    readings = []
    for line, chunk, number in sent_lines:
        first_line = first_lines.get((chunk, number))
        if first_line is None:
            reason = f"must have the {REF} that the report gives it"
            readings.append(Reading(-line.number, line.line, "", None, [RowError(line.line, REF, reason)]))
            continue
        named = line._replace(number=number, line=first_line.line)
        secrets = _secrets(first_line, _translation(system, options)) if content == "users" else {}
        readings.append(_read(named, f"{chunk}-{number}", content, partial(_mended, secrets)))
    return readings


def _translation(system: str, options: SystemOptions) -> Callable[[dict[str, Any]], Translation]:
    return lambda row: SYSTEMS[system](row, options)


def _mended(secrets: dict[str, Any], row: dict[str, Any]) -> Translation:
    """A mended row: what it says itself, also that there is no such secret any more, goes before the source."""
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
    unknown = [name for name in translation.row if name not in COLUMNS[content]]
    errors = [RowError(line.line, shown(name), f"is no column of {_CONTENT_NAMES[content]}") for name in unknown]
    errors += [RowError(line.line, field, reason) for field, reason in translation.faults]
    return Reading(line.number, line.line, ref, translation.row, errors)


_CONTENT_NAMES = {"users": "people", "items": "items"}
