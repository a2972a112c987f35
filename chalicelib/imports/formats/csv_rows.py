"""CSV with a header of our column names (RFC 4180), separated by commas, semicolons or tabs.

An empty cell is a field that is not given. Cells of the columns in `TYPED` are read as what they are; what cannot be
read so stays text, for the rule of its field to complain about.
"""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

from chalicelib.imports.formats.csv_cells import restored
from chalicelib.imports.formats.json_text import parse
from chalicelib.imports.formats.rows import HEADER_NOT_UTF_8, Row, lines
from chalicelib.imports.model import FileRefused
from chalicelib.profile import fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

SEPARATORS = ",;\t"
TYPED = frozenset({*fields.TYPED, "item_value"})
"""Columns whose cells are JSON: a number, `true`, an object, a list."""

_NOT_UTF_8 = frozenset(map(chr, range(0xDC80, 0xDD00)))
"""What `surrogateescape` makes of bytes that are not UTF-8."""

NAMED_UNKNOWN = 5
"""Unknown columns that a refusal names; the rest of a strange header is of no use to anyone."""


def separator(header: str) -> str:
    """The separator that a header uses most."""
    return max(SEPARATORS, key=header.count)


def columns(header: str) -> list[str]:
    """The column names in a header line; none where it is no CSV."""
    try:
        row = next(csv.reader([header], delimiter=separator(header)), [])
    except csv.Error:
        return []
    return [name.strip().lower() for name in row]


def rows(blocks: Iterable[bytes], known: frozenset[str]) -> Iterator[Row]:
    """Every row as a JSON object of the cells that hold something: of blocks that hold at least a header.

    Raises FileRefused for a header that is not ours.
    """
    source = ((number, _decoded(line)) for number, line in lines(blocks))
    top, header = next((number, text) for number, text in source if text.strip())
    if any(c in _NOT_UTF_8 for c in header):
        raise FileRefused(HEADER_NOT_UTF_8)
    names = columns(header)
    if not names:
        raise FileRefused("the header is not CSV")
    _check(names, known)
    reader = csv.reader((f"{text}\n" for _, text in source), delimiter=separator(header))
    while True:
        line = top + reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield Row(line, b"", f"is not CSV: {error}")
            continue
        if cells is None:
            return
        if cells:
            yield _row(line, names, cells)


def _check(names: Sequence[str], known: frozenset[str]) -> None:
    unknown = [name[:40] for name in names if name not in known]
    if unknown:
        raise FileRefused(
            f"unknown columns: {', '.join(unknown[:NAMED_UNKNOWN])}; expected some of {', '.join(sorted(known))}"
        )
    if len(set(names)) < len(names):
        raise FileRefused("the header names a column twice")


def _row(line: int, names: Sequence[str], cells: Sequence[str]) -> Row:
    if len(cells) != len(names):
        return Row(line, b"", f"has {len(cells)} cells, where the header has {len(names)}")
    given = {name: _value(name, cell) for name, cell in zip(names, cells, strict=True) if cell.strip()}
    try:
        return Row(line, json.dumps(given, ensure_ascii=False).encode())
    except UnicodeEncodeError:
        return Row(line, b"", "is not UTF-8")


def _value(name: str, cell: str) -> Any:
    text = restored(cell)
    if name not in TYPED:
        return text
    try:
        return parse(text.strip().encode())
    except ValueError:
        return text


def _decoded(line: bytes) -> str:
    """Bytes that are not UTF-8 become lone surrogates, by which the row that holds them is known."""
    return line.decode("utf-8", "surrogateescape")
