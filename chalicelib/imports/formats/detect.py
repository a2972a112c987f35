"""Find the format of a file, and the system that it comes from, by its first bytes, never by its name."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from chalicelib.imports.formats import (
    cognito_csv,
    csv_rows,
    firebase_csv,
    json_array,
    json_lines,
)
from chalicelib.imports.formats.gzipped import GZIP, decompressed
from chalicelib.imports.formats.json_text import parse
from chalicelib.imports.model import FileRefused
from chalicelib.imports.systems import system_with

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.imports.formats.rows import Row

HEAD_BYTES = 64 * 1024

EXPECTED = (
    "expected a JSON array, JSON lines or CSV with a header, or a file of Auth0, Cognito, Firebase or Kratos, "
    "in UTF-8, gzipped or not"
)

_WRAPPED = re.compile(rb'\s*\{\s*"(?:users|identities)"\s*:\s*(?=\[)')
"""The text before the array in Firebase's export and in a batch of Kratos."""

_OTHER_FORMATS = {
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
"""First bytes of other files that people upload by mistake."""

_BOM = b"\xef\xbb\xbf"


class Opened(NamedTuple):
    """A file whose format is found, and the system that its rows come from. `rows` may still raise FileRefused while
    they are read."""

    format: str
    system: str
    rows: Iterator[Row]


def open_rows(
    blocks: Iterator[bytes], allowed: frozenset[str], *, foreign: bool = True, cut: bool = False
) -> Opened:
    """Find the format of a file and begin to read it. CSV of our own may have the `allowed` columns. Where `foreign` is
    false, the rows are taken as Rollcall's own. `cut` says that the blocks may be the beginning of the file only.

    Raises FileRefused, which says what was seen and what was expected.
    """
    head, blocks = _peek(blocks)
    compressed = head.startswith(GZIP)
    if compressed:
        head, blocks = _peek(decompressed(blocks, cut=cut))
    if head.startswith(_BOM):
        head, blocks = _peek(_skip(len(_BOM), blocks))
    name, system, rows = _identify(head, blocks, allowed, foreign=foreign)
    whole = name if system == "Rollcall" else f"{system}, {name}"
    return Opened(f"{whole}, gzipped" if compressed else whole, system, rows)


def _identify(
    head: bytes, blocks: Iterator[bytes], allowed: frozenset[str], *, foreign: bool
) -> tuple[str, str, Iterator[Row]]:
    text = _checked(head)
    detect_system = _detect_system if foreign else _rollcall
    if text.startswith(b"["):
        return "JSON array", detect_system(json_array.rows([head])), json_array.rows(blocks)
    wrapper = _WRAPPED.match(head) if foreign else None
    if wrapper:
        start, line = wrapper.end(), 1 + head[: wrapper.end()].count(b"\n")
        system = detect_system(json_array.rows([head[start:]]))
        return "JSON", system, json_array.rows(_skip(start, blocks), line=line, closing=b"}")
    if text.startswith(b"{"):
        return "JSON lines", detect_system(json_lines.rows([head])), json_lines.rows(_checked_lines(text, blocks))
    first = text.partition(b"\n")[0].decode("utf-8", "replace").rstrip("\r")
    if foreign and cognito_csv.is_cognito(first):
        return "CSV", "Cognito", cognito_csv.rows(blocks)
    if allowed & set(csv_rows.columns(first)):
        return "CSV", "Rollcall", csv_rows.rows(blocks, allowed)
    if foreign and firebase_csv.is_firebase(head.decode("utf-8", "replace")):
        return "CSV", "Firebase", firebase_csv.rows(blocks)
    raise FileRefused(
        f"the file begins with neither [ nor {{, nor with a header that names our columns; {EXPECTED}"
    )


def _checked(head: bytes) -> bytes:
    """The head without leading blanks. Raises FileRefused for an empty file, and for a format that we do not accept."""
    text = head.lstrip()
    if not text:
        raise FileRefused(f"the file is empty; {EXPECTED}")
    for beginning, format_name in _OTHER_FORMATS.items():
        if head.startswith(beginning):
            raise FileRefused(f"the file is {format_name}; {EXPECTED}")
    if head[1:2] == b"\0" != head[:1]:
        raise FileRefused(f"the file is text in UTF-16 without a mark, or no text; {EXPECTED}")
    return text


def _checked_lines(text: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    first, _, second = text.partition(b"\n")
    if second and not first.rstrip().endswith(b"}"):
        raise FileRefused(f"the file is one JSON object over several lines; {EXPECTED}")
    return blocks


def _detect_system(rows: Iterator[Row]) -> str:
    """The system that the rows come from, by the members of the rows that lie completely in the file's head."""
    members: set[str] = set()
    try:
        for row in rows:
            members |= _members(row.text)
    except FileRefused:  # the head may end within a row
        pass
    return system_with(frozenset(members))


def _rollcall(_rows: Iterator[Row]) -> str:
    return "Rollcall"


def _members(text: bytes) -> set[str]:
    try:
        row = parse(text)
    except ValueError:
        return set()
    return set(row) if isinstance(row, dict) else set()


def _peek(blocks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first `HEAD_BYTES`, and an iterator of all blocks, these included."""
    blocks_read: list[bytes] = []
    length = 0
    for block in blocks:
        blocks_read.append(block)
        length += len(block)
        if length >= HEAD_BYTES:
            break
    head = b"".join(blocks_read)
    return head[:HEAD_BYTES], chain([head], blocks)


def _skip(count: int, blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks without their first `count` bytes, all of which are in the first block."""
    yield next(blocks)[count:]
    yield from blocks
