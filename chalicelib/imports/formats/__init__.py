"""The file formats that an import accepts. The first bytes of a file show its format; rows are read from a stream.

A format yields `Row`s: a JSON text that is not parsed yet, or the reason why there is none.
"""

from chalicelib.imports.formats.detect import Opened, open_rows
from chalicelib.imports.formats.rows import Row

__all__ = ["Opened", "Row", "open_rows"]
