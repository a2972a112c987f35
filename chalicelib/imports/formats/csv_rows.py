"""CSV with a header of our column names (RFC 4180), separated by commas, semicolons or tabs.

An empty cell means that the row does not have this field. Cells of the columns in `TYPED` are parsed as JSON. A cell
that cannot be parsed stays text, and the rule of its field reports it.
"""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

from chalicelib.imports.formats.csv_cells import unescaped
from chalicelib.imports.formats.json_text import parse
from chalicelib.imports.formats.rows import HEADER_NOT_UTF_8, Row, lines
from chalicelib.imports.model import FileRefused
from chalicelib.profile import fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_SEPARATORS = ",;\t"
TYPED = frozenset({*fields.TYPED, "identities", "item_value"})
"""Columns whose cells are JSON: a number, `true`, an object, a list."""

_NOT_UTF_8 = frozenset(map(chr, range(0xDC80, 0xDD00)))
"""The characters that `surrogateescape` puts in place of bytes that are not UTF-8."""

UNKNOWN_NAMES = 5
"""Unknown columns that a refusal names at most."""


def separator(header: str) -> str:
    """The separator that a header uses most."""
    return max(_SEPARATORS, key=header.count)


def columns(header: str) -> list[str]:
    """The column names in a header line; an empty list where the line is not CSV."""
    try:
        row = next(csv.reader([header], delimiter=separator(header)), [])
    except csv.Error:
        return []
    return [name.strip().lower() for name in row]


def rows(blocks: Iterable[bytes], allowed: frozenset[str]) -> Iterator[Row]:
    """Every row as a JSON object of its cells that are not empty. The blocks hold at least a header.

    Raises FileRefused for a header that has other columns than the `allowed` ones, or one of them twice.
    """
    source = ((number, _decoded(line)) for number, line in lines(blocks))
    top, header = next((number, text) for number, text in source if text.strip())
    if any(c in _NOT_UTF_8 for c in header):
        raise FileRefused(HEADER_NOT_UTF_8)
    names = columns(header)
    if not names:
        raise FileRefused("the header is not CSV")
    _check(names, allowed)
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


def _check(names: Sequence[str], allowed: frozenset[str]) -> None:
    unknown = [name[:40] for name in names if name not in allowed]
    if unknown:
        raise FileRefused(
            f"unknown columns: {', '.join(unknown[:UNKNOWN_NAMES])}; expected some of {', '.join(sorted(allowed))}"
        )
    if len(set(names)) < len(names):
        raise FileRefused("the header names a column twice")


def _row(line: int, names: Sequence[str], cells: Sequence[str]) -> Row:
    if len(cells) != len(names):
        return Row(line, b"", f"has {len(cells)} cells, where the header has {len(names)}")
    values = {name: _value(name, cell) for name, cell in zip(names, cells, strict=True) if cell.strip()}
    try:
        return Row(line, json.dumps(values, ensure_ascii=False).encode())
    except UnicodeEncodeError:
        return Row(line, b"", "is not UTF-8")


def _value(name: str, cell: str) -> Any:
    text = unescaped(cell)
    if name not in TYPED:
        return text
    try:
        return parse(text.strip().encode())
    except ValueError:
        return text


def _decoded(line: bytes) -> str:
    """The line as text. Bytes that are not UTF-8 become lone surrogates, which mark the row that holds them."""
    return line.decode("utf-8", "surrogateescape")
