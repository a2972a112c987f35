"""The CSV of `firebase auth:export`. Each row becomes a JSON object with the members of Firebase's JSON.

It has no header, and its rows end with a comma. Columns and quotes are those of `transUserToArray` in firebase-tools'
src/accountExporter.ts: https://github.com/firebase/firebase-tools/blob/main/src/accountExporter.ts

- since 15.19 there are 52 columns; a name with a comma, a quote or a line break is quoted, its quotes doubled;
- before, there were 28; a name with a comma was quoted, its own quotes left as they were, and a line break too.

Custom claims are always quoted. Of their quotes those after a backslash are not doubled.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from chalicelib.core import wire
from chalicelib.imports.formats.rows import Row, lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

COLUMNS = {
    0: "localId",
    1: "email",
    2: "emailVerified",
    3: "passwordHash",
    4: "salt",
    5: "displayName",
    6: "photoUrl",
    23: "createdAt",
    24: "lastSignedInAt",
    25: "phoneNumber",
    26: "disabled",
    27: "customAttributes",
}
"""The columns that are not of a provider."""

PROVIDERS = {
    7: "google.com",
    11: "facebook.com",
    15: "twitter.com",
    19: "github.com",
    28: "apple.com",
    32: "microsoft.com",
    36: "gc.apple.com",
    40: "playgames.google.com",
    44: "linkedin.com",
    48: "yahoo.com",
}
"""The first column of each provider. The first four are in both forms."""

PROVIDER_COLUMNS = {0: "rawId", 1: "email", 2: "displayName", 3: "photoUrl"}

TRUTHS = frozenset({"emailVerified", "disabled"})

SHORT, LONG = 28, 52
"""Columns of both forms."""

RECORD_LINES = 8
RECORD_CHARACTERS = 16 * 1024
"""Of one record over several lines at most. A name has few line breaks, and custom claims have none."""

_CLAIMS = 27
_SURROGATE = re.compile("[\udc80-\udcff]")
"""What `surrogateescape` puts in place of a byte that is not UTF-8."""
_TRUTHS = {"true": True, "false": False}

_UNQUOTED = r'([^",][^,]*+|)(?=,|$)'
_CELL = re.compile(rf'"((?:[^"]|"")*+)"(?=,|$)|{_UNQUOTED}')
_CLAIMS_CELL = re.compile(rf'"((?:[^"]|(?<=\\)"|"")*+)"(?=,|$)|{_UNQUOTED}')


class _Record(NamedTuple):
    """A record with the number of its first line. Of what is none there are no cells."""

    line: int
    text: str
    cells: list[str] | None


def is_firebase(head: str) -> bool:
    """Whether the beginning of a file can be a row of Firebase's, over however many lines."""
    texts = head.splitlines()[:RECORD_LINES]
    return any(_is_person(_cells("\n".join(texts[:end]))) for end in range(1, len(texts) + 1))


def rows(blocks: Iterable[bytes]) -> Iterator[Row]:
    """Every row, of whichever form. A line that is no row, nor part of one, is one with a fault."""
    return map(_row, _records(lines(blocks)))


def _records(source: Iterable[tuple[int, bytes]]) -> Iterator[_Record]:
    """The records of the lines. Lines that are none by themselves wait for further ones that make them one: names may
    hold line breaks."""
    waiting: list[_Record] = []
    for number, line in source:
        text = line.decode("utf-8", "surrogateescape")
        record = _Record(number, text, _cells(text))
        if record.cells is None and (waiting or text.strip()):
            waiting.append(record)
            start, record = _joined(waiting)
            yield from _faulty(waiting[:start])
            waiting = waiting[start:] if record.cells is None else []
        elif waiting:
            yield from _faulty(waiting)
            waiting = []
        if record.cells is not None:
            yield record
    yield from _faulty(waiting)


def _joined(waiting: Sequence[_Record]) -> tuple[int, _Record]:
    """The record that the last lines make together, and how many before them are part of none. Where they make none,
    as many lines as can still wait."""
    for start in range(len(waiting) - 1):
        text = "\n".join(record.text for record in waiting[start:])
        cells = _cells(text) if len(text) <= RECORD_CHARACTERS else None
        if _is_person(cells):
            return start, _Record(waiting[start].line, text, cells)
    return int(len(waiting) == RECORD_LINES), waiting[-1]


def _faulty(records: Iterable[_Record]) -> Iterator[_Record]:
    return (record for record in records if record.text.strip())


def _row(record: _Record) -> Row:
    cells = record.cells
    if cells is None:
        text = record.text.removesuffix(",")
        count = len(_as_quoted(text) or text.split(","))
        return Row(record.line, b"", f"has {count} cells, where Firebase writes {SHORT} or {LONG}")
    if _SURROGATE.search(record.text):
        return Row(record.line, b"", "is not UTF-8")
    values = _named(COLUMNS, cells)
    truths = {name: _TRUTHS[cell] for name, cell in values.items() if name in TRUTHS and cell in _TRUTHS}
    providers = [
        {"providerId": provider, **_named(PROVIDER_COLUMNS, cells[column:])}
        for column, provider in PROVIDERS.items()
        if column < len(cells) and cells[column]
    ]
    identities = {"providerUserInfo": providers} if providers else {}
    return Row(record.line, wire.to_json({**values, **truths, **identities}).encode())


def _named(columns: Mapping[int, str], cells: Sequence[str]) -> dict[str, str]:
    return {name: cells[column] for column, name in columns.items() if cells[column]}


def _is_person(cells: Sequence[str] | None) -> bool:
    """Whether the id, the truths and the time of creation are in their columns."""
    return (
        cells is not None
        and bool(cells[0])
        and cells[2] in _TRUTHS
        and (cells[23].isdigit() or not cells[23])
        and cells[26] in {*_TRUTHS, ""}
    )


def _cells(text: str) -> list[str] | None:
    """The cells of a record; None where there are not as many as either form has."""
    record = text.removesuffix(",")
    cells = _as_quoted(record)
    if cells is not None and len(cells) in (SHORT, LONG):
        return cells
    cells = _as_they_were(record)
    if len(cells) != SHORT or not (claims := _CLAIMS_CELL.fullmatch(cells[_CLAIMS])):
        return None
    return [*cells[:_CLAIMS], _unquoted(claims)]


def _as_quoted(record: str) -> list[str] | None:
    """The cells where the quotes within those that are quoted are doubled; None where they are not."""
    if '"' not in record:
        return record.split(",")
    cells: list[str] = []
    position = 0
    while position <= len(record):
        cell = (_CLAIMS_CELL if len(cells) == _CLAIMS else _CELL).match(record, position)
        if cell is None:
            return None
        cells.append(_unquoted(cell))
        position = cell.end() + 1
    return cells


def _unquoted(cell: re.Match[str]) -> str:
    return cell[0] if cell[1] is None else cell[1].replace('""', '"')


def _as_they_were(record: str) -> list[str]:
    """The cells where quotes within them may be as they were; the last one goes to the end. A cell that begins with a
    quote ends at the next quote before a comma, if that leaves enough cells; else the quote is a part of it."""
    pieces = record.split(",")
    cells: list[str] = []
    position = 0
    while position < len(pieces) and len(cells) < _CLAIMS:
        last = len(pieces) - (SHORT - len(cells))
        end = position
        if pieces[position].startswith('"') and not pieces[position].endswith('"', 1):
            end = next((at for at in range(position + 1, last + 1) if pieces[at].endswith('"')), position)
        cells.append(",".join(pieces[position : end + 1])[1:-1] if end > position else pieces[position])
        position = end + 1
    return [*cells, ",".join(pieces[position:])] if position < len(pieces) else cells
