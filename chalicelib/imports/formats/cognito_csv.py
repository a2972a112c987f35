"""The CSV that Cognito's user import takes. Each row becomes a JSON object with the column names as members.

It does not follow RFC 4180: quotes have no meaning, and a comma within a value is `\\,`.
https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chalicelib.core import wire
from chalicelib.imports.formats.rows import HEADER_NOT_UTF_8, Row, lines
from chalicelib.imports.model import FileRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_PREFIX = "cognito:"
_COMMA = re.compile(r"(?<!\\),")


def is_cognito(header: str) -> bool:
    """Whether a first line is the header of such a file."""
    return any(name.startswith(_PREFIX) for name in _cells(header))


def rows(blocks: Iterable[bytes]) -> Iterator[Row]:
    """Every row. The blocks hold at least a header. Raises FileRefused for a wrong header."""
    source = lines(blocks)
    header = next(line for _, line in source if line.strip())
    try:
        names = [name.strip().lower() for name in _cells(header.decode())]
    except UnicodeDecodeError:
        raise FileRefused(HEADER_NOT_UTF_8) from None
    if len(set(names)) < len(names):
        raise FileRefused("the header names a column twice")
    for number, line in source:
        if line.strip():
            yield _row(number, names, line)


def _row(number: int, names: Sequence[str], line: bytes) -> Row:
    try:
        cells = _cells(line.decode())
    except UnicodeDecodeError:
        return Row(number, b"", "is not UTF-8")
    if len(cells) != len(names):
        return Row(number, b"", f"has {len(cells)} cells, where the header has {len(names)}")
    values = {name: cell for name, cell in zip(names, cells, strict=True) if cell}
    return Row(number, wire.to_json(values).encode())


def _cells(text: str) -> list[str]:
    return [cell.replace("\\,", ",").strip() for cell in _COMMA.split(text)]
