"""Where a chunk keeps what it tells of its rows, until the last step makes a report of it."""

from __future__ import annotations

import gzip
import hashlib
from typing import TYPE_CHECKING, Any

from chalicelib.core.aws import objects
from chalicelib.imports.model import told_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.jobs.rows import JobPart

PACKED_BYTES = 16 * 1024
"""That a job's part holds itself, so that a few refused rows need no call of their own."""


def keep(job_id: str, chunk: int, run: str, lines: bytes) -> dict[str, Any]:
    """Keep the lines of a report: what the chunk's part says of where they are."""
    if not lines:
        return {}
    packed = gzip.compress(lines, mtime=0)
    if len(packed) <= PACKED_BYTES:
        return {"told": packed}
    key = told_key(job_id, chunk, hashlib.sha256(packed).hexdigest()[:16], run)
    objects.put(key, packed)
    return {"told_at": key}


def kept(part: JobPart) -> Iterator[bytes]:
    """The lines that a part keeps, as one block."""
    packed = part["told"] if "told" in part else objects.read(part["told_at"]) if "told_at" in part else None
    if packed:
        yield gzip.decompress(packed)
