"""Which members of a row a translation asks for, so that what it leaves out can be named without a list of it.

A member that is an object counts as taken with all that it holds, unless its own members are asked for one by one.
Paths are names joined by dots, without places in lists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.imports.systems import values

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

EMPTY: tuple[Any, ...] = (None, "", {}, [])
"""Values that say nothing."""

_HOLDERS = frozenset({dict, list})
_get = dict.get


class Watched(dict[str, Any]):
    """A row, or an object within one, that notes which of its members somebody asks for."""

    __slots__ = ("_asked", "_inner")

    def __init__(self, members: Mapping[str, Any]) -> None:
        super().__init__(members)
        self._asked: set[str] = set()
        self._inner: dict[str, Watched | list[Any]] = {}

    def get(self, name: str, default: Any = None) -> Any:
        self._asked.add(name)
        value = _get(self, name, default)
        return self._inner_of(name, value) if value.__class__ in _HOLDERS else value

    def __getitem__(self, name: str) -> Any:
        self._asked.add(name)
        value = super().__getitem__(name)
        return self._inner_of(name, value) if value.__class__ in _HOLDERS else value

    def _inner_of(self, name: str, value: Any) -> Watched | list[Any]:
        """What the member holds, watched: the same one whenever it is asked for."""
        inner = self._inner.get(name)
        if inner is None:
            inner = self._inner[name] = Watched(value) if isinstance(value, dict) else list(map(_watched, value))
        return inner

    def left_out(self) -> Iterator[str]:
        """The paths of the members that say something, as `false`, and `f` in CSV, do not, and were not asked for."""
        for name in self.keys() - self._asked:
            value = super().__getitem__(name)
            is_no = value is False or (isinstance(value, str) and values.truth(value) is False)
            if not is_no and value not in EMPTY:
                yield name
        for name, inner in self._inner.items():
            for each in objects_within(inner):
                if isinstance(each, Watched) and each._asked:
                    yield from (f"{name}.{path}" for path in each.left_out())

    def asked(self) -> Iterator[str]:
        """The paths of the members that were asked for."""
        yield from self._asked
        for name, inner in self._inner.items():
            for each in objects_within(inner):
                if isinstance(each, Watched):
                    yield from (f"{name}.{path}" for path in each.asked())


def all_of(members: Mapping[str, Any]) -> dict[str, Any]:
    """All members, each of which counts as asked for."""
    return {name: members[name] for name in members}


def objects_within(value: object) -> Iterator[dict[str, Any]]:
    """The value, if it is an object, or the objects of a list, and of lists within it."""
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from objects_within(each)


def _watched(value: Any) -> Any:
    if value.__class__ is list:
        return list(map(_watched, value))
    return Watched(value) if value.__class__ is dict else value
