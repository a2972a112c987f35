"""Our own format as CSV, whose cells no spreadsheet runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.exports.formats.fields import WITHOUT_CREDENTIALS, FileFormat
from chalicelib.imports.columns import PERSON
from chalicelib.imports.report import csv_line

if TYPE_CHECKING:
    from chalicelib.exports.formats.fields import Fields


def file_format(*, credentials: bool, **_asked: object) -> FileFormat:
    columns = PERSON if credentials else WITHOUT_CREDENTIALS

    def piece(fields: Fields) -> bytes:
        row = fields.take_all()
        return csv_line(row.get(name) for name in columns)

    return FileFormat(piece, head=csv_line(columns))
