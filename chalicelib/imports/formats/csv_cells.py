"""CSV cells that no spreadsheet runs as a formula (https://owasp.org/www-community/attacks/CSV_Injection)."""

from __future__ import annotations

from typing import Any

from chalicelib.core import wire

FORMULA_STARTS = frozenset("=+-@\t\r\0")
"""First characters that make a spreadsheet read a cell as a formula, or that it skips before it looks for one."""


def cell(value: Any) -> str:
    """A value as an escaped cell: text as it is, None as an empty cell, any other value as JSON."""
    if value is None:
        return ""
    return escaped(value if isinstance(value, str) else wire.to_json(value))


def escaped(text: str) -> str:
    """The text with one more `'` in front, where a spreadsheet would run it, or where it looks like an escaped text."""
    return f"'{text}" if _is_formula(text) else text


def unescaped(cell: str) -> str:
    """The text from which `escaped` made the cell."""
    return cell[1:] if cell[:1] == "'" and _is_formula(cell) else cell


def _is_formula(text: str) -> bool:
    return text.lstrip("'")[:1] in FORMULA_STARTS
