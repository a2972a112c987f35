"""How heavy a deployment zip may be: Lambda loads it before a cold start begins, and keeps every version of it."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tools.template_rules.findings import Finding

ZIPPED = 15_000_000
UNZIPPED = 45_000_000
"""Bytes. Lambda itself takes 50 MB and 250 MB:
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


def faults(archive: Path, *, zipped: int = ZIPPED, unzipped: int = UNZIPPED) -> list[Finding]:
    """A zip above these bytes. That of the local cloud is not compressed, and held to the second alone."""
    with zipfile.ZipFile(archive) as opened:
        entries = opened.infolist()
    is_compressed = any(entry.compress_type != zipfile.ZIP_STORED for entry in entries)
    sizes = (
        ("zipped", archive.stat().st_size if is_compressed else 0, zipped),
        ("unzipped", sum(entry.file_size for entry in entries), unzipped),
    )
    return [
        ("WEIGHT", archive.name, f"has {size:,} bytes {what}, above {most:,}")
        for what, size, most in sizes
        if size > most
    ]
