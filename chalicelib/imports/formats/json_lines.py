"""JSON lines (https://jsonlines.org): one object a line. Empty lines are passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.imports.formats.rows import Row, lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def rows(blocks: Iterable[bytes]) -> Iterator[Row]:
    """Every line that holds something, as it stands. Raises FileRefused for a line without an end."""
    for number, line in lines(blocks):
        text = line.strip()
        if text:
            yield Row(number, text)
