"""Where the columns of a file go, found by trying: a column goes to the fields that are others without it, or else
where it says something else, as where another column would stand in for it.

So it is true of every system, whatever its translation does, and is written down nowhere a second time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib.imports.columns import COLUMNS
from chalicelib.imports.systems.values import value_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from chalicelib.imports.model import Content
    from chalicelib.imports.systems import Translation

    Row = dict[str, Any]

MOST_COLUMNS = 100
"""Columns that are looked at. Each one costs a translation of every row, or two."""
DEEPEST = 5
"""Of members within members: `create.credentials.password.config.password` of a batch of Kratos."""


class Column(NamedTuple):
    """A column, or a member within one, with dots before its name. `fields` are ours; none where it says nothing in
    these rows. `used` is false where nothing would ever become of it."""

    name: str
    fields: list[str]
    used: bool


def columns_of(
    rows: Sequence[Row], content: Content, translate: Callable[[Row], Translation], *, by_members: bool = False
) -> list[Column]:
    """The columns of these rows, in their order, `MOST_COLUMNS` at most. One that goes to several fields is shown by
    its members, where it has some, and `by_members` each one is."""
    before = [translate(row) for row in rows]
    asked = {path for each in before if each.source for path in each.source.asked()}
    tries = iter(range(MOST_COLUMNS))

    def tried(column: tuple[str, ...], change: Callable[[Any], Any]) -> set[str]:
        return _changed(before, [translate(_with(row, column, change)) for row in rows])

    def below(path: tuple[str, ...]) -> Iterator[Column]:
        for name in _names_at(rows, path):
            if next(tries, None) is None:
                return
            column = (*path, name)
            changed = tried(column, lambda _: _NOTHING) or tried(column, _otherwise)
            fields = [field for field in COLUMNS[content] if field in changed]
            members = list(below(column)) if (by_members or len(fields) > 1) and len(column) < DEEPEST else []
            yield from members or [Column(".".join(column), fields, bool(changed) or ".".join(column) in asked)]

    return list(below(()))


def _names_at(rows: Sequence[Row], path: tuple[str, ...]) -> list[str]:
    """The names of the members there, in the order of the file."""
    return list(
        dict.fromkeys(name for row in rows if isinstance(found := value_at(row, path), dict) for name in found)
    )


_NOTHING = object()


def _with(row: Row, path: tuple[str, ...], change: Callable[[Any], Any]) -> Row:
    """The row with another value of the member of that path, or without it."""
    name, *deeper = path
    if name not in row:
        return row
    if deeper:
        inner = row[name]
        return {**row, name: _with(inner, tuple(deeper), change)} if isinstance(inner, dict) else row
    value = change(row[name])
    members = {key: each for key, each in row.items() if key != name}
    return members if value is _NOTHING else {**members, name: value}


def _otherwise(value: Any) -> Any:
    """Another value of the same type, if it is none that holds others."""
    if isinstance(value, bool):
        return not value
    return f"{value}x" if isinstance(value, str) else value


def _changed(before: Sequence[Translation], after: Sequence[Translation]) -> set[str]:
    """The fields that differ, and those whose faults do."""
    changed: set[str] = set()
    for one, other in zip(before, after, strict=True):
        names = one.row.keys() | other.row.keys()
        changed |= {name for name in names if one.row.get(name) != other.row.get(name)}
        changed |= {field for field, _ in {*one.faults} ^ {*other.faults}}
    return changed
