"""A row on its way from plan to chunk: one line, `<row number>\\t<line in the file>\\t<fault>\\t<JSON>`."""

from __future__ import annotations

from typing import Any, NamedTuple

from chalicelib.bulk.formats.rows import parse
from chalicelib.bulk.model import RowError, shown


class Line(NamedTuple):
    """A row in a chunk: its number and line in the file, and its JSON, or the fault for which there is none."""

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

    def document(self, columns: frozenset[str], what: str) -> tuple[dict[str, Any] | None, list[RowError]]:
        """The row's object, if it is one, and its faults so far: unknown columns, or why there is no object."""
        if self.fault:
            return None, [RowError(self.line, shown(""), self.fault)]
        try:
            row = parse(self.text)
        except ValueError as error:
            return None, [RowError(self.line, shown(""), str(error))]
        if not isinstance(row, dict):
            return None, [RowError(self.line, shown(""), "is not a JSON object")]
        unknown = [name for name in row if name not in columns]
        return row, [RowError(self.line, shown(name), f"is no column of {what}") for name in unknown]
