"""The order of a rehearsal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.rehearse import (
    applications,
    connecting,
    deployment,
    events,
    importing,
    listening,
    mailing,
    moving,
    operating,
    people,
    preflight,
    probes,
    reading,
    removal,
    restored,
    restoring,
    rotating,
    searching,
    starting,
    usage,
    validators,
    watching,
)
from tools.rehearse.steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

MODULES = (
    validators,
    reading,
    deployment,
    listening,
    people,
    applications,
    connecting,
    probes,
    mailing,
    importing,
    moving,
    searching,
    # A restore takes long. It begins before the steps that can be done meanwhile.
    restoring,
    events,
    rotating,
    watching,
    operating,
    restored,
    starting,
    usage,
    removal,
)


def steps_of(modules: Iterable[ModuleType]) -> list[Step]:
    """The steps of modules, in the order in which each module defines them."""
    return [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Step) and value.run.__module__ == module.__name__
    ]


PREFLIGHT = steps_of([preflight])
"""Steps that make nothing, and run before anybody confirms."""

STEPS = steps_of(MODULES)
