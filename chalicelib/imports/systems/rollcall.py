"""Rollcall itself: its rows need no translation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.imports.systems.translation import SystemOptions, Translation
from chalicelib.profile.fields import ONLY_HERE

if TYPE_CHECKING:
    from collections.abc import Mapping

OWN_MEMBERS = frozenset({*ONLY_HERE, "totp_secret"})
"""Members that only our own rows have."""


def person(row: Mapping[str, Any], _options: SystemOptions) -> Translation:
    """The row itself."""
    return Translation(dict(row))
