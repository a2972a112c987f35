"""Conditions and expressions of a request, as text with placeholders."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from chalicelib.core.aws.dynamo.conditions import Attr
from chalicelib.core.aws.dynamo.values import marshal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.core.aws.dynamo.conditions import Condition


class Expressions:
    """Collects the names and values of one request's expressions, so that no placeholder is used twice."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.values: dict[str, Any] = {}

    def condition(self, condition: Condition) -> str:
        parts = [self.name(part) if isinstance(part, str) else self.condition(part) for part in condition.parts]
        return condition.pattern.format(*parts, *map(self.value, condition.values))

    def name(self, attribute: str) -> str:
        placeholder = f"#n{len(self.names)}"
        self.names[placeholder] = attribute
        return placeholder

    def value(self, value: Any) -> str:
        placeholder = f":v{len(self.values)}"
        self.values[placeholder] = marshal(value)
        return placeholder

    def into(self, request: dict[str, Any]) -> dict[str, Any]:
        if self.names:
            request["ExpressionAttributeNames"] = self.names
        if self.values:
            request["ExpressionAttributeValues"] = self.values
        return request


@cache
def absent(key: str = "id") -> Condition:
    """The condition that no item with this key exists yet."""
    return Attr(key).not_exists()


def present(key: str = "id") -> Condition:
    """The condition that an item with this key exists."""
    return Attr(key).exists()


def unchanged(read: Mapping[str, Any] | None) -> Condition:
    """The condition that an item has the version that was read, or is not there still where none was."""
    return absent() if read is None else Attr("version").eq(read["version"])
