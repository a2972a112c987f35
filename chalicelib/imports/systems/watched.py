"""Which members of a row a translation asks for, so that what it leaves out can be named without a list of it.

A member that is an object counts as taken with all that it holds, unless its own members are asked for one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

EMPTY: tuple[Any, ...] = (None, "", {}, [])
"""Values that say nothing."""


class Asked:
    """The members that were asked for, by their paths: names joined by dots, without places in lists."""

    def __init__(self) -> None:
        self.paths: set[str] = set()
        self._explored: set[str] = set()

    def add(self, parent: str, name: str) -> str:
        """Note that somebody asked a parent for a member. Returns the member's path."""
        path = f"{parent}.{name}" if parent else name
        self.paths.add(path)
        self._explored.add(parent)
        return path

    def left_out(self, members: Mapping[str, Any], parent: str = "") -> Iterator[str]:
        """The paths of the members that say something, as `false` does not, and were not asked for."""
        for name, value in members.items():
            path = f"{parent}.{name}" if parent else name
            if value in EMPTY or value is False:
                continue
            if path not in self.paths:
                yield path
            elif path in self._explored:
                for each in value if isinstance(value, list) else (value,):
                    if isinstance(each, dict):
                        yield from self.left_out(each, path)


class Watched(dict[str, Any]):
    """A row, or an object within one, that notes which of its members somebody asks for."""

    __slots__ = ("_asked", "_path")

    def __init__(self, members: Mapping[str, Any], asked: Asked, path: str = "") -> None:
        super().__init__(members)
        self._asked, self._path = asked, path

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self else self._missing(name, default)

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        path = self._asked.add(self._path, name)
        if isinstance(value, dict):
            return Watched(value, self._asked, path)
        if isinstance(value, list):
            return [Watched(each, self._asked, path) if isinstance(each, dict) else each for each in value]
        return value

    def _missing(self, name: str, default: Any) -> Any:
        self._asked.add(self._path, name)
        return default


def all_of(members: Mapping[str, Any]) -> dict[str, Any]:
    """All members, each of which counts as asked for."""
    return {name: members[name] for name in members}
