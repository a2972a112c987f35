"""Public names of a package that load their module when they are first asked for.

Whoever wants one name of a package pays for that name's module, and not for all of them: a cold start waits for each.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def names_of(package: str, places: Mapping[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` (PEP 562) of a package that has each name in the module of that `place`; a place `module.name`
    says what the name is called there, and an empty one that the name is a module itself."""

    def load(name: str) -> Any:
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module, _, original = places[name].partition(".")
        if not module:
            return import_module(f"{package}.{name}")
        found = getattr(import_module(f"{package}.{module}"), original or name)
        setattr(sys.modules[package], name, found)
        return found

    return load
