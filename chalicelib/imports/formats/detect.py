"""Which format a file is in, and whose: by its first bytes, never by its name."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from chalicelib.imports.formats import (
    csv_rows,
    json_array,
    json_lines,
    vendor_csv,
)
from chalicelib.imports.formats.gzipped import GZIP, decompressed
from chalicelib.imports.formats.json_text import parse
from chalicelib.imports.model import FileRefused
from chalicelib.imports.systems import spoken_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.imports.formats.rows import Row

HEAD_BYTES = 64 * 1024

EXPECTED = (
    "expected a JSON array, JSON lines or CSV with a header, or a file of Auth0, Cognito, Firebase or Kratos, "
    "in UTF-8, gzipped or not"
)

_WRAPPED = re.compile(rb'\s*\{\s*"(?:users|identities)"\s*:\s*(?=\[)')
"""What stands before the array in Firebase's export and in a batch of Kratos."""

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
    """A file whose format is known, and the system that its rows are of. `rows` may still raise FileRefused while it
    is read."""

    format: str
    system: str
    rows: Iterator[Row]


def open_rows(blocks: Iterator[bytes], known: frozenset[str], *, foreign: bool = True) -> Opened:
    """Tell the format of a file whose rows have some of the `known` columns, and begin to read it. Unless it may be
    `foreign`, it is one of ours.

    Raises FileRefused saying what was seen and what was expected.
    """
    head, blocks = _head(blocks)
    compressed = head.startswith(GZIP)
    if compressed:
        head, blocks = _head(decompressed(blocks))
    if head.startswith(_BOM):
        head, blocks = _head(_without(len(_BOM), blocks))
    name, system, rows = _told_apart(head, blocks, known, foreign=foreign)
    whole = name if system == "Rollcall" else f"{system}, {name}"
    return Opened(f"{whole}, gzipped" if compressed else whole, system, rows)


def _told_apart(
    head: bytes, blocks: Iterator[bytes], known: frozenset[str], *, foreign: bool
) -> tuple[str, str, Iterator[Row]]:
    text = _checked(head)
    system = _system if foreign else _ours
    if text.startswith(b"["):
        return "JSON array", system(json_array.rows([head])), json_array.rows(blocks)
    wrapper = _WRAPPED.match(head) if foreign else None
    if wrapper:
        start, line = wrapper.end(), 1 + head[: wrapper.end()].count(b"\n")
        named = system(json_array.rows([head[start:]]))
        return "JSON", named, json_array.rows(_without(start, blocks), line=line, closing=b"}")
    if text.startswith(b"{"):
        return "JSON lines", system(json_lines.rows([head])), json_lines.rows(_checked_lines(text, blocks))
    first = text.partition(b"\n")[0].decode("utf-8", "replace").rstrip("\r")
    if foreign and vendor_csv.is_cognito(first):
        return "CSV", "Cognito", vendor_csv.cognito_rows(blocks)
    if known & set(csv_rows.columns(first)):
        return "CSV", "Rollcall", csv_rows.rows(blocks, known)
    if foreign and vendor_csv.is_firebase(first):
        return "CSV", "Firebase", vendor_csv.firebase_rows(blocks)
    raise FileRefused(
        f"the file begins with neither [ nor {{, nor with a header that names our columns; {EXPECTED}"
    )


def _checked(head: bytes) -> bytes:
    """The head without the blanks before it. Raises FileRefused for what is something else, or nothing."""
    text = head.lstrip()
    if not text:
        raise FileRefused(f"the file is empty; {EXPECTED}")
    for beginning, what in _OTHERS.items():
        if head.startswith(beginning):
            raise FileRefused(f"the file is {what}; {EXPECTED}")
    if head[1:2] == b"\0" != head[:1]:
        raise FileRefused(f"the file is text in UTF-16 without a mark, or no text; {EXPECTED}")
    return text


def _checked_lines(text: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    first, _, second = text.partition(b"\n")
    if second and not first.rstrip().endswith(b"}"):
        raise FileRefused(f"the file is one JSON object over several lines; {EXPECTED}")
    return blocks


def _system(rows: Iterator[Row]) -> str:
    """Whose the rows are, by the members of those that lie in the file's head as a whole."""
    members: set[str] = set()
    try:
        for row in rows:
            members |= _members(row.text)
    except FileRefused:  # the head ends where it ends
        pass
    return spoken_in(frozenset(members))


def _ours(_rows: Iterator[Row]) -> str:
    return "Rollcall"


def _members(text: bytes) -> set[str]:
    try:
        row = parse(text)
    except ValueError:
        return set()
    return set(row) if isinstance(row, dict) else set()


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
