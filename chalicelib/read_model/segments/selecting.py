"""The people of a segment, one after the other, for whoever does something with all of them and cannot reach SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from chalicelib.read_model.query import ask

if TYPE_CHECKING:
    from collections.abc import Iterator

SELECTED = 2000
"""People of one answer, of some 60 bytes each: a function's answer may have 6 MB."""


class Selected(TypedDict):
    id: str
    version: int


def select(text: str, after: str, limit: int) -> list[Selected]:
    """The next people whom a filter means, in the order of their ids. Raises what `query.ask` does."""
    answer: list[Selected] = ask("select", filter=text, after=after, limit=limit, slice=None)
    return answer


def select_slice(text: str, part: int, parts: int) -> Iterator[list[str]]:
    """The ids of all people of one of so many parts, some thousand at a time. Raises what `query.ask` does."""
    after = ""
    while found := ask("select", filter=text, after=after, limit=SELECTED, slice=[part, parts]):
        yield [each["id"] for each in found]
        after = found[-1]["id"]
