"""Our own format as CSV, whose cells no spreadsheet runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.exports.formats.fields import FileFormat
from chalicelib.imports.columns import PERSON, SECRETS
from chalicelib.imports.report import csv_line

if TYPE_CHECKING:
    from chalicelib.exports.formats.fields import Fields


def file_format(*, credentials: bool, **_asked: object) -> FileFormat:
    columns = PERSON if credentials else tuple(name for name in PERSON if name not in SECRETS)

    def piece(fields: Fields) -> bytes:
        return csv_line(fields.take(name) for name in columns)

    return FileFormat(piece, head=csv_line(columns))
