"""Cells of CSV that no spreadsheet runs as a formula, and back (https://owasp.org/www-community/attacks/CSV_Injection)."""

from __future__ import annotations

from typing import Any

from chalicelib.core import wire

RUN = frozenset("=+-@\t\r\0")
"""First characters that make a spreadsheet take a cell for a formula, or overlook the one behind them."""


def cell(value: Any) -> str:
    """A value as a cell: text as it is, nothing as nothing, all else as JSON; defused."""
    if value is None:
        return ""
    return defused(value if isinstance(value, str) else wire.to_json(value))


def defused(text: str) -> str:
    """The text with one more `'` before it, where a spreadsheet would run it or it looks as if defused already."""
    return f"'{text}" if _runs(text) else text


def restored(cell: str) -> str:
    """The text that `defused` made the cell from."""
    return cell[1:] if cell[:1] == "'" and _runs(cell) else cell


def _runs(text: str) -> bool:
    return text.lstrip("'")[:1] in RUN
