"""Conditions on an item's attributes: `Attr("version").eq(3) & Attr("deleted_at").not_exists()`.

They read as boto3's, whose module of that name loads all of boto3. A name is that of an attribute of the item itself,
whatever its characters; paths into its values are not used.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Condition(NamedTuple):
    """What must hold: a pattern of DynamoDB's expressions, the conditions or the attribute in it, and its values."""

    pattern: str
    parts: tuple[Condition | str, ...]
    """A text is the name of an attribute."""
    values: tuple[Any, ...] = ()

    def __and__(self, other: Condition) -> Condition:
        return Condition("({} AND {})", (self, other))

    def __or__(self, other: Condition) -> Condition:
        return Condition("({} OR {})", (self, other))


@dataclass(frozen=True)
class Key:
    """An attribute that is part of a key, with the conditions that a query's key can have."""

    name: str

    def eq(self, value: Any) -> Condition:
        return Condition("{} = {}", (self.name,), (value,))

    def lt(self, value: Any) -> Condition:
        return Condition("{} < {}", (self.name,), (value,))

    def lte(self, value: Any) -> Condition:
        return Condition("{} <= {}", (self.name,), (value,))

    def gt(self, value: Any) -> Condition:
        return Condition("{} > {}", (self.name,), (value,))

    def gte(self, value: Any) -> Condition:
        return Condition("{} >= {}", (self.name,), (value,))

    def between(self, low: Any, high: Any) -> Condition:
        """That the attribute is neither below `low` nor above `high`."""
        return Condition("{} BETWEEN {} AND {}", (self.name,), (low, high))

    def begins_with(self, text: str) -> Condition:
        return Condition("begins_with({}, {})", (self.name,), (text,))


class Attr(Key):
    """Any attribute, with the conditions that a write or a filter can have."""

    def ne(self, value: Any) -> Condition:
        """That the attribute has another value, or is absent."""
        return Condition("{} <> {}", (self.name,), (value,))

    def is_in(self, values: Sequence[Any]) -> Condition:
        """That the attribute has one of 1 to 100 values."""
        return Condition(f"{{}} IN ({', '.join(['{}'] * len(values))})", (self.name,), tuple(values))

    def contains(self, value: Any) -> Condition:
        """That the attribute is a text with this part, or a set or list with this member."""
        return Condition("contains({}, {})", (self.name,), (value,))

    def exists(self) -> Condition:
        return Condition("attribute_exists({})", (self.name,))

    def not_exists(self) -> Condition:
        return Condition("attribute_not_exists({})", (self.name,))
