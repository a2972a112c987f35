"""The form of an import row in a chunk: one line, `<row number>\\t<line in the file>\\t<fault>\\t<JSON>`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib.imports.columns import REF
from chalicelib.imports.formats.json_text import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.imports.formats import Row


_REFERENCE = re.compile(r"(?:row )?(\d{1,9})[.-](\d{1,9})")


class Line(NamedTuple):
    """An import row in a chunk: its number, its line in the file, and its JSON. A row that could not be read has a
    fault instead of the JSON."""

    number: int
    line: int
    fault: str
    text: bytes

    @classmethod
    def read(cls, written: bytes) -> Line:
        number, line, fault, text = written.split(b"\t", 3)
        return cls(int(number), int(line), fault.decode(), text)

    def written(self) -> bytes:
        return f"{self.number}\t{self.line}\t{self.fault}\t".encode() + self.text + b"\n"

    def emptied(self) -> Line:
        """The same row without its content. It shows only that there was a row."""
        return Line(self.number, self.line, "", b"")

    def named(self) -> tuple[int, int]:
        """The chunk and the row number in the reference of a mended row; zeros if it has no reference."""
        try:
            return referenced(self.document().get(REF))
        except ValueError:
            return 0, 0

    def document(self) -> dict[str, Any]:
        """The JSON object of the row. Raises ValueError, with the reason, if there is none."""
        if self.fault:
            raise ValueError(self.fault)
        row = parse(self.text)
        if not isinstance(row, dict):
            raise ValueError("is not a JSON object")
        return row


def line_of(number: int, row: Row, row_bytes: int) -> Line:
    """A row of a file as a line of a chunk: one above `row_bytes` without its text, with that as its fault."""
    if len(row.text) > row_bytes:
        return Line(number, row.line, f"has {len(row.text):,} bytes, more than {row_bytes:,}", b"")
    return Line(number, row.line, row.fault, row.text)


def reference(chunk: int, number: int) -> str:
    """What stands for a row in a report: nothing that a spreadsheet takes for a date or a number."""
    return f"row {chunk}.{number}"


def referenced(ref: object) -> tuple[int, int]:
    """The chunk and the row number in a reference, also in one of the former form `1-2`; zeros if it is not one."""
    match = _REFERENCE.fullmatch(ref.strip()) if isinstance(ref, str) else None
    return (int(match[1]), int(match[2])) if match else (0, 0)


def lines_in(chunk: bytes) -> Iterator[Line]:
    """The rows of a chunk's object."""
    return (Line.read(written) for written in chunk.split(b"\n") if written)
