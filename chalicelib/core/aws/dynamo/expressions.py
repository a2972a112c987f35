"""Conditions and expressions of a request. Conditions are boto3's (`Attr("version").eq(3)`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, ConditionExpressionBuilder

from chalicelib.core.aws.dynamo.values import marshal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boto3.dynamodb.conditions import ConditionBase


class Expressions:
    """Collects the names and values of one request's expressions, so that no placeholder is used twice."""

    def __init__(self) -> None:
        self._builder = ConditionExpressionBuilder()
        self.names: dict[str, str] = {}
        self.values: dict[str, Any] = {}

    def condition(self, condition: ConditionBase, *, is_key: bool = False) -> str:
        built = self._builder.build_expression(condition, is_key_condition=is_key)
        self.names.update(built.attribute_name_placeholders)
        self.values.update({k: marshal(v) for k, v in built.attribute_value_placeholders.items()})
        return str(built.condition_expression)

    def name(self, attribute: str) -> str:
        placeholder = f"#u{len(self.names)}"
        self.names[placeholder] = attribute
        return placeholder

    def value(self, value: Any) -> str:
        placeholder = f":u{len(self.values)}"
        self.values[placeholder] = marshal(value)
        return placeholder

    def into(self, request: dict[str, Any]) -> dict[str, Any]:
        if self.names:
            request["ExpressionAttributeNames"] = self.names
        if self.values:
            request["ExpressionAttributeValues"] = self.values
        return request


def absent(key: str = "id") -> ConditionBase:
    """The condition that no item with this key exists yet."""
    return Attr(key).not_exists()


def present(key: str = "id") -> ConditionBase:
    """The condition that an item with this key exists."""
    return Attr(key).exists()


def unchanged(read: Mapping[str, Any] | None) -> ConditionBase:
    """The condition that an item has the version that was read, or is not there still where none was."""
    return absent() if read is None else Attr("version").eq(read["version"])
