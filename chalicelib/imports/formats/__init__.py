"""The formats that an import takes, told apart by their first bytes, each read row by row from a stream.

A format gives `Row`s: JSON texts that nobody has parsed yet, or the reason why there is none.
"""

from chalicelib.imports.formats.detect import Opened, open_rows
from chalicelib.imports.formats.rows import Row

__all__ = ["Opened", "Row", "open_rows"]
