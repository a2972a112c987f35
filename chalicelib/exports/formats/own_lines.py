"""Our own format as JSON lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.exports.formats.fields import FileFormat
from chalicelib.imports.report import written

if TYPE_CHECKING:
    from chalicelib.exports.formats.fields import Fields


def file_format(**_asked: object) -> FileFormat:
    return FileFormat(_piece)


def _piece(fields: Fields) -> bytes:
    return written(fields.take_all())
