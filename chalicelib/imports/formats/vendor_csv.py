"""The CSV files of Cognito and of Firebase. Each row becomes a JSON object with the column names as members.

Neither follows RFC 4180. In Cognito's, quotes have no meaning and a comma within a value is `\\,`. Firebase's has no
header; it quotes a cell that holds a comma, and does not escape quotes within the cell.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from chalicelib.core import wire
from chalicelib.imports.formats.rows import HEADER_NOT_UTF_8, Row, lines
from chalicelib.imports.model import FileRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

COGNITO = "cognito:"

FIREBASE = {
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
"""The columns of firebase-tools' `transUserToArray`; those in between are of four providers."""

FIREBASE_PROVIDERS = {7: "google.com", 11: "facebook.com", 15: "twitter.com", 19: "github.com"}
"""The first column of each provider, which has the id; the next has the address."""

FIREBASE_COLUMNS = 28
_CUSTOM_ATTRIBUTES = 27
_BOOLEANS = {"true": True, "false": False}
_COGNITO_COMMA = re.compile(r"(?<!\\),")


def is_cognito(header: str) -> bool:
    return any(name.startswith(COGNITO) for name in _cognito_cells(header))


def is_firebase(line: str) -> bool:
    """Whether a first line can be a row of Firebase's: its id, its booleans and its time of creation are in their
    columns."""
    cells = _firebase_cells(line)
    return (
        len(cells) == FIREBASE_COLUMNS
        and bool(cells[0])
        and cells[2] in _BOOLEANS
        and (cells[23].isdigit() or not cells[23])
        and cells[26] in {*_BOOLEANS, ""}
    )


def cognito_rows(blocks: Iterable[bytes]) -> Iterator[Row]:
    """Every row of Cognito's CSV. The blocks hold at least a header. Raises FileRefused for a wrong header."""
    source = lines(blocks)
    header = next(line for _, line in source if line.strip())
    try:
        names = [name.strip().lower() for name in _cognito_cells(header.decode())]
    except UnicodeDecodeError:
        raise FileRefused(HEADER_NOT_UTF_8) from None
    if len(set(names)) < len(names):
        raise FileRefused("the header names a column twice")
    return _rows(source, lambda text: _cognito_row(names, text))


def firebase_rows(blocks: Iterable[bytes]) -> Iterator[Row]:
    """Every row of Firebase's CSV."""
    return _rows(lines(blocks), _firebase_row)


def _rows(source: Iterator[tuple[int, bytes]], read: Callable[[str], dict[str, Any]]) -> Iterator[Row]:
    for number, line in source:
        if not line.strip():
            continue
        try:
            yield Row(number, wire.to_json(read(line.decode())).encode())
        except UnicodeDecodeError:
            yield Row(number, b"", "is not UTF-8")
        except ValueError as error:
            yield Row(number, b"", str(error))


def _cognito_row(names: Sequence[str], text: str) -> dict[str, Any]:
    cells = _cognito_cells(text)
    if len(cells) != len(names):
        raise ValueError(f"has {len(cells)} cells, where the header has {len(names)}")
    return {name: cell for name, cell in zip(names, cells, strict=True) if cell}


def _cognito_cells(text: str) -> list[str]:
    return [cell.replace("\\,", ",").strip() for cell in _COGNITO_COMMA.split(text)]


def _firebase_row(text: str) -> dict[str, Any]:
    cells = _firebase_cells(text)
    if len(cells) != FIREBASE_COLUMNS:
        raise ValueError(f"has {len(cells)} cells, where Firebase writes {FIREBASE_COLUMNS}")
    row: dict[str, Any] = {name: cells[column] for column, name in FIREBASE.items() if cells[column]}
    providers = [
        {"providerId": provider, "rawId": cells[column], "email": cells[column + 1]}
        for column, provider in FIREBASE_PROVIDERS.items()
        if cells[column]
    ]
    values = {
        name: _BOOLEANS.get(cell, cell) if name in {"emailVerified", "disabled"} else cell
        for name, cell in row.items()
    }
    return {**values, "providerUserInfo": providers} if providers else values


def _firebase_cells(text: str) -> list[str]:
    """The cells of a line. A quoted cell ends at the next quote before a comma. The last cell goes to the end of the
    line; only there are quotes within the cell doubled."""
    pieces = text.removesuffix(",").split(",")
    cells: list[str] = []
    position = 0
    while position < len(pieces) and len(cells) < _CUSTOM_ATTRIBUTES:
        end = position
        if pieces[position].startswith('"'):
            while end + 1 < len(pieces) and not (
                pieces[end].endswith('"') and (end > position or len(pieces[end]) > 1)
            ):
                end += 1
        cell = ",".join(pieces[position : end + 1])
        cells.append(cell[1:-1] if end > position else cell)
        position = end + 1
    if len(cells) < _CUSTOM_ATTRIBUTES:
        return cells
    rest = ",".join(pieces[position:])
    quoted = rest.startswith('"') and rest.endswith('"') and len(rest) > 1
    return [*cells, rest[1:-1].replace('""', '"') if quoted else rest]
