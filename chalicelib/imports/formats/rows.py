"""A row as every format yields it, and how a stream of blocks is cut into lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from chalicelib.imports.model import FileRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

RECORD_BYTES = 8 * 1024**2
"""Of one record at most: a longer one cannot be a row, and would have to be held in memory as a whole."""

HEADER_NOT_UTF_8 = "the header is not UTF-8, as files must be"


class Row(NamedTuple):
    """One row: the line of the file on which it begins (from 1), and its JSON on one line of UTF-8.

    Where there is no JSON, `fault` says why, and the text is empty.
    """

    line: int
    text: bytes
    fault: str = ""


def lines(blocks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """The number of each line, from 1, and its bytes without the line end (`\\n` or `\\r\\n`).

    Raises FileRefused for a line above `RECORD_BYTES`.
    """
    number, rest = 0, b""
    for block in blocks:
        *whole, rest = (rest + block).split(b"\n")
        for line in whole:
            number += 1
            yield number, line.removesuffix(b"\r")
        if len(rest) > RECORD_BYTES:
            raise FileRefused(f"line {number + 1:,} is longer than {RECORD_BYTES:,} bytes")
    if rest:
        yield number + 1, rest.removesuffix(b"\r")
