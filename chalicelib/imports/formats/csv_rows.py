"""CSV with a header (RFC 4180), separated by commas, semicolons, tabs or bars.

Each row becomes a JSON object by the names of the header. An empty cell means that the row does not have this field.
In our own files, names count in any case, and cells of the columns in `TYPED` are parsed as JSON: one that cannot be
parsed stays text, and the rule of its field reports it. In other systems' files, names and cells stay as they are.
"""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING, Any

from chalicelib.imports.columns import PERSON
from chalicelib.imports.formats import csv_header
from chalicelib.imports.formats.csv_cells import unescaped
from chalicelib.imports.formats.json_text import parse
from chalicelib.imports.formats.rows import Row, lines
from chalicelib.imports.model import FileRefused
from chalicelib.imports.notes import Note
from chalicelib.imports.systems import values
from chalicelib.profile import fields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from chalicelib.imports.formats.csv_header import Header
    from chalicelib.imports.notes import Notes

    Value = Callable[[str, str], Any]

TYPED = frozenset({*fields.TYPED, "identities", "item_value"})
"""Columns whose cells are JSON: a number, `true`, an object, a list."""
TRUTHS = frozenset({"email_verified"})
"""Columns whose cells are true or false, which spreadsheets write in their own way."""

STRIPPED = frozenset(PERSON)
"""Columns whose cells may have blanks around them, also such as do not break a line, which nobody means."""

UNKNOWN_NAMES = 5
"""Unknown columns that a refusal names at most."""

AT_RISK = re.compile(r"0\d+|\d+E\d+|\d{16,}", re.IGNORECASE)
"""Ids that a spreadsheet changes when it saves the file, without a word: `007` becomes `7`."""
_REWRITTEN = re.compile(r"\d([.,]\d+)?E\+\d+")
"""What a spreadsheet writes for an id such as `1E5`, or for one of many digits."""


def own_rows(blocks: Iterable[bytes], header: Header, allowed: frozenset[str], notes: Notes) -> Iterator[Row]:
    """Every row of a file of ours. Ids that a spreadsheet would rewrite, if it saved the file, are noted.

    Raises FileRefused for a header that has other columns than the `allowed` ones, or one of them twice.
    """
    names = [csv_header.column(name) for name in header.names]
    _check(names, header.names, allowed)

    def value(name: str, cell: str) -> Any:
        if name == "id" and AT_RISK.fullmatch(cell):
            notes.add([Note("warning", "id")])
        return _own_value(name, cell)

    return _rows(blocks, header, names, value)


def foreign_rows(blocks: Iterable[bytes], header: Header) -> Iterator[Row]:
    """Every row of another system's file. Raises FileRefused for a header that names a column twice."""
    _check(header.names, header.names, frozenset(header.names))
    return _rows(blocks, header, header.names, lambda _, cell: unescaped(cell.strip()))


def unknown(names: Sequence[str], allowed: frozenset[str]) -> str:
    """The refusal of a header with columns that nobody knows."""
    unknown = [name[:40] for name in names if name and csv_header.column(name) not in allowed]
    named = ", ".join(unknown[:UNKNOWN_NAMES])
    return f"unknown columns: {named}; expected some of {', '.join(sorted(allowed))}"


def _check(names: Sequence[str], written: Sequence[str], allowed: frozenset[str]) -> None:
    if any(name and name not in allowed for name in names):
        raise FileRefused(unknown(written, allowed))
    named = [name for name in names if name]
    if len(set(named)) < len(named):
        raise FileRefused("the header names a column twice")


def _rows(blocks: Iterable[bytes], header: Header, names: Sequence[str], value: Value) -> Iterator[Row]:
    source = ((number, csv_header.decoded(line)) for number, line in lines(blocks))
    for number, _ in source:
        if number == header.line:
            break
    reader = csv.reader((f"{text}\n" for _, text in source), delimiter=header.separator)
    while True:
        line = header.line + reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield Row(line, b"", f"is not CSV: {error}")
            continue
        if cells is None:
            return
        if any(map(str.strip, cells)):
            yield _row(line, names, cells, value)


def _row(line: int, names: Sequence[str], cells: list[str], value: Value) -> Row:
    while len(cells) > len(names) and not cells[-1].strip():
        cells.pop()
    if len(cells) != len(names):
        return Row(line, b"", f"has {len(cells)} cells, where the header has {len(names)}")
    members = {name: value(name, cell) for name, cell in zip(names, cells, strict=True) if cell.strip()}
    if "" in members:
        return Row(line, b"", f"has a value in column {names.index('') + 1}, which has no name")
    if "id" in members and _REWRITTEN.fullmatch(str(members["id"])):
        return Row(
            line, b"", "has an id that a spreadsheet has rewritten as a number: give its column the format text"
        )
    try:
        return Row(line, json.dumps(members, ensure_ascii=False).encode())
    except UnicodeEncodeError:
        return Row(line, b"", "is not UTF-8")


def _own_value(name: str, cell: str) -> Any:
    text = unescaped(cell)
    if name not in TYPED:
        return text.strip() if name in STRIPPED else text
    if name in TRUTHS:
        return values.truth(text)
    try:
        value = parse(text.strip().encode())
    except (UnicodeEncodeError, ValueError):
        return text
    return int(value) if isinstance(value, float) and value.is_integer() else value
