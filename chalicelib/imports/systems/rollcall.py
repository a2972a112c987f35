"""Rollcall itself: its rows need no translation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.imports.systems.translation import SystemOptions, Translation

if TYPE_CHECKING:
    from collections.abc import Mapping


def person(row: Mapping[str, Any], _options: SystemOptions) -> Translation:
    """The row itself."""
    return Translation(dict(row))
