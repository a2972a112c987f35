"""How deep a JSON value is nested, computed without recursion, whose limit differs between versions of Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


def is_deeper(value: Any, depth: int) -> bool:
    """Whether lists and objects are nested more than `depth` deep; an empty one counts as a plain value."""
    level = [value]
    for _ in range(depth + 1):
        level = [part for outer in level for part in _parts(outer)]
        if not level:
            return False
    return True


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
