"""The stylesheets, modules and pictures that pages load, as one set, whose version is part of each one's URL."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from chalicelib.core.errors import NotFound

HERE = Path(__file__).parent
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True)
class Asset:
    """A file, as it is sent to a browser."""

    text: str
    media_type: str


@cache
def assets() -> dict[tuple[str, str], Asset]:
    """Every file by its folder and name, read once per process."""
    return {
        (path.parent.name, path.name): Asset(path.read_text("utf-8"), MEDIA_TYPES[path.suffix])
        for path in sorted(HERE.glob("*/*"))
        if path.suffix in MEDIA_TYPES
    }


@cache
def version() -> str:
    """The version of the whole set. It changes with any file, so that files of two versions are never used together."""
    digest = hashlib.sha256()
    for (folder, name), asset in assets().items():
        for part in (folder, name, asset.text):
            digest.update(f"{len(part)}:{part}".encode())
    return digest.hexdigest()[:16]


def find(folder: str, name: str) -> Asset:
    """The file of that name. Raises NotFound."""
    try:
        return assets()[folder, name]
    except KeyError:
        raise NotFound("there is no such file") from None
