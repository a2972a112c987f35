"""The report lines of one chunk, stored until the last step of the import writes the whole report."""

from __future__ import annotations

import gzip
import hashlib
from typing import TYPE_CHECKING, Any

from chalicelib.core.aws import objects
from chalicelib.imports.model import row_report_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.jobs.rows import JobPart

PACKED_BYTES = 16 * 1024
"""Up to this size the compressed lines are stored in the job's part itself, so that a few refused rows need no
extra call."""


def keep(job_id: str, chunk: int, run: str, lines: bytes) -> dict[str, Any]:
    """Store the report lines of a chunk. Returns the fields for the chunk's part, which hold them or their key."""
    if not lines:
        return {}
    packed = gzip.compress(lines, mtime=0)
    if len(packed) <= PACKED_BYTES:
        return {"told": packed}
    key = row_report_key(job_id, chunk, hashlib.sha256(packed).hexdigest()[:16], run)
    objects.put(key, packed)
    return {"told_at": key}


def report_blocks(part: JobPart) -> Iterator[bytes]:
    """The report lines of a part, as at most one block of bytes."""
    packed = part["told"] if "told" in part else objects.read(part["told_at"]) if "told_at" in part else None
    if packed:
        yield gzip.decompress(packed)
