"""What an import left out of its rows, or changed in them: named, and counted by rows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

from chalicelib.core import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Kind = Literal["left_out", "changed", "warning"]

NAMES = 100
"""Different notes of one import that are counted by themselves: the names come from whoever wrote the file."""
NAME_SHOWN = 100
"""Characters of a name."""
OTHERS = "others"
"""The name under which all further notes of a kind are counted."""


class Note(NamedTuple):
    """One note of one row. `name` is the file's own name for what it is about, with dots within objects."""

    kind: Kind
    name: str


class Notes:
    """Notes with the rows that each is of."""

    def __init__(self) -> None:
        self._rows: Counter[Note] = Counter()

    def add(self, notes: Iterable[Note]) -> None:
        """Count the notes of a row, each once."""
        for note in set(notes):
            self._rows[self._counted(note)] += 1

    def add_stored(self, stored: Mapping[str, int]) -> None:
        """Count what `stored` gave."""
        for text, rows in stored.items():
            kind, _, name = text.partition(" ")
            self._rows[self._counted(Note(cast("Kind", kind), name))] += int(rows)

    def stored(self) -> dict[str, int]:
        """As a job stores them: the rows by kind and name."""
        stored: Counter[str] = Counter()
        for (kind, name), rows in self._rows.items():
            stored[f"{kind} {texts.shown(name, NAME_SHOWN) or OTHERS}"] += rows
        return dict(stored)

    def _counted(self, note: Note) -> Note:
        return note if note in self._rows or len(self._rows) < NAMES else Note(note.kind, OTHERS)


def shown(stored: Mapping[str, int]) -> list[dict[str, str | int]]:
    """What `Notes.stored` gave as objects of `kind`, `name` and `rows`: sorted by kind, the most rows first."""
    notes = [(*text.partition(" ")[::2], int(rows)) for text, rows in stored.items()]
    ordered = sorted(notes, key=lambda each: (each[0], -each[2], each[1]))
    return [{"kind": kind, "name": name, "rows": rows} for kind, name, rows in ordered]
