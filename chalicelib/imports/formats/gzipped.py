"""gzip (RFC 1952), with a limit to the unpacked size."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from chalicelib.imports.model import FILE_BYTES, FileCut, FileRefused

if TYPE_CHECKING:
    from collections.abc import Iterator

GZIP = b"\x1f\x8b"

RATIO = 200
"""Unpacked bytes for each packed byte. Rows of people have about 10; the format can reach 1,032
(https://zlib.net/zlib_tech.html)."""
RATIO_FROM = 4 * 1024**2
"""Unpacked bytes from which on the ratio is checked: small files may repeat themselves."""

_OUT_BYTES = 1024**2
_GZIP_WINDOW = 31


def decompressed(blocks: Iterator[bytes], *, cut: bool = False) -> Iterator[bytes]:
    """The unpacked blocks. Several gzip members are read as one file. Raises FileRefused for a file that unpacks to too
    much, and for one that is damaged or cut off, unless it is `cut` on purpose."""
    member, read, written = zlib.decompressobj(_GZIP_WINDOW), 0, 0
    for block in blocks:
        read += len(block)
        pending, more = block, True
        while more:
            if member.eof:
                member = zlib.decompressobj(_GZIP_WINDOW)
            out = _unpacked(member, pending)
            written += len(out)
            _check(read, written)
            if out:
                yield out
            pending = member.unconsumed_tail or member.unused_data
            more = bool(pending) or (len(out) == _OUT_BYTES and not member.eof)
    if not member.eof and not cut:
        raise FileCut("the gzip ends before its end: the file is cut off")


def _unpacked(member: zlib._Decompress, data: bytes) -> bytes:
    try:
        return member.decompress(data, _OUT_BYTES)
    except zlib.error as error:
        raise FileRefused("the gzip is damaged") from error


def _check(read: int, written: int) -> None:
    if written > FILE_BYTES:
        raise FileRefused(f"the file unpacks to more than {FILE_BYTES:,} bytes")
    if written > max(RATIO_FROM, RATIO * read):
        raise FileRefused(f"the file unpacks to more than {RATIO} times its size")
