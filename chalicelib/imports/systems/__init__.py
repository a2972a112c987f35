"""The systems from which people are imported. Each translates a row of its files into one of ours
(docs/importing.md has the tables of fields).

`formats` cuts a file into rows; `systems` knows what the members of a row mean.
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
from chalicelib.imports.systems.translation import SystemOptions, Translation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

__all__ = ["SYSTEMS", "SystemOptions", "Translation", "system_with"]

SYSTEMS: dict[str, Callable[[Mapping[str, Any], SystemOptions], Translation]] = {
    "Rollcall": rollcall.person,
    "Auth0": auth0.person,
    "Cognito": cognito.person,
    "Firebase": firebase.person,
    "Kratos": kratos.person,
}


def system_with(members: frozenset[str]) -> str:
    """The system whose rows have members of these names. Names that fit our own rows and another system's are ours."""
    if members & kratos.OWN_MEMBERS:
        return "Kratos"
    if members & firebase.OWN_MEMBERS:
        return "Firebase"
    if members & auth0.OWN_MEMBERS and not members & rollcall.OWN_MEMBERS:
        return "Auth0"
    return "Rollcall"
