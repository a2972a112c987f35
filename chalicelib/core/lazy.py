"""Public names of a package, each of which loads its module on first use.

So the use of one name does not load the modules of the others, for which a cold start would wait.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def names_of(package: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` (PEP 562) of a package. `modules` has the module of each name; `module.name` where the name is
    another one there, and an empty text where the name is that of a module itself."""

    def load(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module, _, original = modules[name].partition(".")
        if not module:
            return import_module(f"{package}.{name}")
        value = getattr(import_module(f"{package}.{module}"), original or name)
        setattr(sys.modules[package], name, value)
        return value

    return load
