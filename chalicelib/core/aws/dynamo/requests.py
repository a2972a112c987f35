"""The requests that change one item, as both a call of its own and an action of a transaction take them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core.aws.dynamo.expressions import Expressions
from chalicelib.core.aws.dynamo.values import from_item

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from boto3.dynamodb.conditions import ConditionBase

    from chalicelib.core.aws.dynamo.values import Key

COUNTED = {"ReturnConsumedCapacity": "TOTAL"}
"""Each answer says what it cost: telemetry counts it, and the budget tests hold each operation to it."""


def put(table: str, item: Mapping[str, Any], condition: ConditionBase | None) -> dict[str, Any]:
    return _conditional({"TableName": table, "Item": from_item(item)}, condition)


def of_key(table: str, key: Key, condition: ConditionBase | None) -> dict[str, Any]:
    """To delete an item, or to check one."""
    return _conditional({"TableName": table, "Key": from_item(key)}, condition)


def update(
    table: str,
    key: Key,
    *,
    sets: Mapping[str, Any] | None,
    firsts: Mapping[str, Any] | None = None,
    adds: Mapping[str, int] | None,
    removes: Sequence[str],
    condition: ConditionBase | None,
) -> dict[str, Any]:
    """A name is an attribute's, whatever characters it has. `firsts` are set only where they are not there yet."""
    expressions = Expressions()
    names = {n: expressions.name(n) for n in firsts or {}}
    clauses = {
        "SET": [f"{expressions.name(n)} = {expressions.value(v)}" for n, v in (sets or {}).items()]
        + [f"{names[n]} = if_not_exists({names[n]}, {expressions.value(v)})" for n, v in (firsts or {}).items()],
        "ADD": [f"{expressions.name(n)} {expressions.value(v)}" for n, v in (adds or {}).items()],
        "REMOVE": [expressions.name(n) for n in removes],
    }
    request: dict[str, Any] = {
        "TableName": table,
        "Key": from_item(key),
        "UpdateExpression": " ".join(f"{w} {', '.join(c)}" for w, c in clauses.items() if c),
    }
    return _conditional(request, condition, expressions)


def returning(request: dict[str, Any]) -> dict[str, Any]:
    """The same, so that a refusal brings the item that its condition met."""
    return {**request, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def _conditional(
    request: dict[str, Any], condition: ConditionBase | None, expressions: Expressions | None = None
) -> dict[str, Any]:
    expressions = expressions or Expressions()
    if condition is not None:
        request["ConditionExpression"] = expressions.condition(condition)
    return expressions.into(request)
