"""A JSON array, cut into its elements without parsing them.

Only strings, brackets and commas are looked at. So an element that is not JSON does not spoil the others, every row has
its line number, and memory holds one record at most. The chunks, which run in parallel, parse the elements.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chalicelib.core import wire
from chalicelib.imports.formats.json_text import parse
from chalicelib.imports.formats.rows import RECORD_BYTES, Row
from chalicelib.imports.model import FileCut, FileRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[][{},"]', re.DOTALL)
"""A whole string, or one structural character. A single quote begins a string that goes on in the next block."""

_OPENING = frozenset({b"[", b"{"})
_CLOSING = frozenset({b"]", b"}"})


def rows(blocks: Iterable[bytes]) -> Iterator[Row]:
    """Every element of the array in the blocks. Raises FileRefused where there is more after it."""
    cutter, source = Cutter(1), iter(blocks)
    for block in source:
        yield from cutter.cut(block)
        if cutter.ended:
            if cutter.rest.strip() or any(map(bytes.strip, source)):
                raise FileRefused(f"there is more after the end of the array on line {cutter.line:,}")
            return
    raise FileCut(f"the file ends within {cutter.record}: a bracket or a quote is missing")


class Cutter:
    """Cuts block by block. It keeps the bytes of the element that has begun, and how many brackets are open."""

    def __init__(self, line: int) -> None:
        self.rest = b""
        self.line = line
        """Line of the file on which `rest` begins."""
        self.ended = False
        self._scanned = 0
        self._depth = 0
        self._count = 0

    @property
    def record(self) -> str:
        return f"record {self._count + 1:,}, which begins on line {self.line:,}"

    def cut(self, block: bytes) -> Iterator[Row]:
        """The elements that end in this block."""
        text, start = self.rest + block, 0
        for token in _TOKEN.finditer(text, self._scanned):
            sign = token[0]
            if sign == b'"':
                break
            self._scanned = token.end()
            if sign in _OPENING:
                self._depth += 1
                start = token.end() if self._depth == 1 else start
            elif self._depth > 1:
                self._depth -= sign in _CLOSING
            elif sign == b"," or sign in _CLOSING:
                yield from self._element(text[start : token.start()], sign)
                start = token.end()
                if self.ended:
                    break
        self.rest, self._scanned = text[start:], self._scanned - start
        if len(self.rest) > RECORD_BYTES:
            raise FileRefused(f"{self.record}, is longer than {RECORD_BYTES:,} bytes")

    def _element(self, element: bytes, sign: bytes) -> Iterator[Row]:
        if sign == b"}":
            raise FileRefused(f"{self.record}, ends in a brace that nothing opened")
        self.ended = sign == b"]"
        if element.strip() or self._count or not self.ended:
            self._count += 1
            yield _row(element, self.line)
        self.line += element.count(b"\n")


def _row(element: bytes, line: int) -> Row:
    text = element.lstrip()
    line += element.count(b"\n", 0, len(element) - len(text))
    text = text.rstrip()
    if not text:
        return Row(line, b"", "is empty: there is a comma too many")
    if b"\n" not in text and b"\r" not in text:
        return Row(line, text)
    try:
        return Row(line, wire.to_json(parse(text)).encode())
    except ValueError as error:
        return Row(line, b"", str(error))
