"""The systems that people move in from: each turns a row of its files into one of ours (tables: docs/importing.md).

Formats say how a file is cut into rows; systems say what a row's members mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.imports.systems import (
    auth0,
    cognito,
    firebase,
    kratos,
    rollcall,
)
from chalicelib.imports.systems.translation import Asked, Translation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

__all__ = ["SYSTEMS", "Asked", "Translation", "system_with"]

SYSTEMS: dict[str, Callable[[Mapping[str, Any], Asked], Translation]] = {
    "Rollcall": rollcall.person,
    "Auth0": auth0.person,
    "Cognito": cognito.person,
    "Firebase": firebase.person,
    "Kratos": kratos.person,
}


def system_with(members: frozenset[str]) -> str:
    """The system whose rows have members of these names. What fits both ours and another is ours."""
    if members & kratos.MARKS:
        return "Kratos"
    if members & firebase.MARKS:
        return "Firebase"
    if members & auth0.MARKS and not members & rollcall.MARKS:
        return "Auth0"
    return "Rollcall"
