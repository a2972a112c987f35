"""Cells of other systems' tables that hold JSON."""

from __future__ import annotations

from typing import Any

from chalicelib.imports.formats.json_text import parse


def parsed(value: object) -> Any:
    """The value of a text of JSON; None for an empty one. Text that is no JSON stays, and the rule of its field reports
    it; so does what is no text."""
    if not isinstance(value, str):
        return value
    try:
        return parse(value.encode()) if value.strip() else None
    except ValueError:
        return value


def objects(entries: object) -> list[dict[str, Any]]:
    """The objects in a list; none where it is no list."""
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
