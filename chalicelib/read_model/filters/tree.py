"""A filter after it was read: what must hold, of whom. Each part writes itself as text that is read as the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from chalicelib.read_model.filters.times import Relative

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.read_model.filters.fields import Field

Scalar = str | int | Decimal | bool | date | datetime | Relative | None
"""A value as its field has it. A `date` that is compared with a time is the whole day; None is `null`."""


@dataclass(frozen=True)
class Span:
    """From one value to another, both included. None: no end on that side."""

    low: Scalar
    high: Scalar


Value = Scalar | Span
Operator = Literal["=", ":", "<", "<=", ">", ">="]


@dataclass(frozen=True)
class Text:
    """Name, address or attributes contain this text, which is folded."""

    text: str

    def __str__(self) -> str:
        return quoted(self.text)


@dataclass(frozen=True)
class Comparison:
    """A field, or a member in it, compared with a value; `=` with several: it is any of them."""

    field: Field
    path: tuple[str, ...]
    operator: Operator
    values: tuple[Value, ...]

    def __str__(self) -> str:
        path = "".join(f".{quoted(member)}" for member in self.path)
        if len(self.values) > 1:
            return f"{self.field.name}{path} in ({', '.join(map(written, self.values))})"
        return f"{self.field.name}{path} {self.operator} {written(self.values[0])}"


@dataclass(frozen=True)
class Not:
    part: Node

    def __str__(self) -> str:
        return f"not {_inside(self.part)}"


@dataclass(frozen=True)
class And:
    """All of them hold. Without any, everybody is meant."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " and ".join(map(_inside, self.parts))


@dataclass(frozen=True)
class Or:
    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " or ".join(map(_inside, self.parts))


Node = Text | Comparison | Not | And | Or


def comparisons(node: Node) -> Iterator[Comparison]:
    """The comparisons in it, at any depth."""
    if isinstance(node, Comparison):
        yield node
    elif isinstance(node, Not):
        yield from comparisons(node.part)
    elif isinstance(node, And | Or):
        for part in node.parts:
            yield from comparisons(part)


def scalars(comparison: Comparison) -> Iterator[Scalar]:
    """Its values, of a span both ends."""
    for value in comparison.values:
        if isinstance(value, Span):
            yield from (value.low, value.high)
        else:
            yield value


def quoted(text: str) -> str:
    """The text in quotes, as a filter has it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def written(value: Value) -> str:
    """A value as a filter has it."""
    if isinstance(value, Span):
        return "..".join("" if end is None else written(end) for end in (value.low, value.high))
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return quoted(value)
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case _:
            return str(value)


def _inside(node: Node) -> str:
    return f"({node})" if isinstance(node, And | Or) else str(node)
