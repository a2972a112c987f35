"""How deep a JSON value is nested, computed without recursion, whose limit differs between versions of Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


def is_deeper(value: Any, depth: int) -> bool:
    """Whether lists and objects are nested more than `depth` deep; an empty one counts as a plain value."""
    level = _nested((value,))
    for _ in range(depth):
        if not level:
            return False
        level = [part for outer in level for part in _nested(outer.values() if isinstance(outer, dict) else outer)]
    return bool(level)


def _nested(parts: Iterable[Any]) -> list[Any]:
    """The lists and objects among the parts that are not empty."""
    return [part for part in parts if isinstance(part, dict | list) and part]
