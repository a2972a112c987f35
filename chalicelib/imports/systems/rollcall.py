"""Rollcall itself: its rows are taken as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.imports.systems.translation import Asked, Translation
from chalicelib.profile.fields import ONLY_HERE

if TYPE_CHECKING:
    from collections.abc import Mapping

MARKS = frozenset({*ONLY_HERE, "totp_secret"})
"""Members that only our own rows have."""


def person(row: Mapping[str, Any], _asked: Asked) -> Translation:
    """The row itself."""
    return Translation(dict(row))
