"""Which format a file is in: by its first bytes, never by its name."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from chalicelib.bulk.formats import csv_rows, json_array, json_lines
from chalicelib.bulk.formats.gzipped import GZIP, decompressed
from chalicelib.bulk.model import FileRefused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.bulk.formats.rows import Row

HEAD_BYTES = 64 * 1024

EXPECTED = "expected a JSON array, JSON lines or CSV with a header, in UTF-8, gzipped or not"

_OTHERS = {
    b"PK\x03\x04": "a zip archive",
    b"PK\x05\x06": "an empty zip archive",
    GZIP: "a gzip within a gzip",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ\x00": "an xz file",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"\x28\xb5\x2f\xfd": "a zstd file",
    b"%PDF": "a PDF",
    b"PAR1": "a Parquet file",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file",
    b"SQLite format 3\x00": "an SQLite database",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
    b"\x00\x00\xfe\xff": "text in UTF-32",
    b"<": "XML or HTML",
}
"""Beginnings of what people upload instead."""

_BOM = b"\xef\xbb\xbf"


class Opened(NamedTuple):
    """A file whose format is known. `rows` may still raise FileRefused while it is read."""

    format: str
    rows: Iterator[Row]


def open_rows(blocks: Iterator[bytes], known: frozenset[str]) -> Opened:
    """Tell the format of a file whose rows have some of the `known` columns, and begin to read it.

    Raises FileRefused saying what was seen and what was expected.
    """
    head, blocks = _head(blocks)
    compressed = head.startswith(GZIP)
    if compressed:
        head, blocks = _head(decompressed(blocks))
    if head.startswith(_BOM):
        head, blocks = _head(_without(len(_BOM), blocks))
    name, rows = _told_apart(head, blocks, known)
    return Opened(f"{name}, gzipped" if compressed else name, rows)


def _told_apart(head: bytes, blocks: Iterator[bytes], known: frozenset[str]) -> tuple[str, Iterator[Row]]:
    text = head.lstrip()
    if not text:
        raise FileRefused(f"the file is empty; {EXPECTED}")
    for beginning, what in _OTHERS.items():
        if head.startswith(beginning):
            raise FileRefused(f"the file is {what}; {EXPECTED}")
    if text.startswith(b"["):
        return "JSON array", json_array.rows(blocks)
    first, _, second = text.partition(b"\n")
    if text.startswith(b"{"):
        if second and not first.rstrip().endswith(b"}"):
            raise FileRefused(f"the file is one JSON object over several lines; {EXPECTED}")
        return "JSON lines", json_lines.rows(blocks)
    if known & set(csv_rows.columns(first.decode("utf-8", "replace"))):
        return "CSV", csv_rows.rows(blocks, known)
    raise FileRefused(
        f"the file begins with neither [ nor {{, nor with a header that names our columns; {EXPECTED}"
    )


def _head(blocks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes, and all blocks again."""
    taken: list[bytes] = []
    length = 0
    for block in blocks:
        taken.append(block)
        length += len(block)
        if length >= HEAD_BYTES:
            break
    head = b"".join(taken)
    return head[:HEAD_BYTES], chain([head], blocks)


def _without(count: int, blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks less their first bytes, which are in the first one."""
    yield next(blocks)[count:]
    yield from blocks
