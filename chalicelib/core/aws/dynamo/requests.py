"""The requests that change one item, for a call of its own and for an action of a transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core.aws.dynamo.expressions import Expressions
from chalicelib.core.aws.dynamo.values import from_item

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.core.aws.dynamo.conditions import Condition
    from chalicelib.core.aws.dynamo.values import Key

COUNTED = {"ReturnConsumedCapacity": "TOTAL"}
"""Has each reply name the capacity units that it used, which telemetry counts and the budget tests check."""


def put(table: str, item: Mapping[str, Any], condition: Condition | None) -> dict[str, Any]:
    return {**of_table(table, condition), "Item": from_item(item)}


def of_table(table: str, condition: Condition | None) -> dict[str, Any]:
    """The request that puts an item, without the item."""
    return _conditional({"TableName": table}, condition)


def of_key(table: str, key: Key, condition: Condition | None) -> dict[str, Any]:
    """The request that deletes an item, or checks one."""
    return _conditional({"TableName": table, "Key": from_item(key)}, condition)


def update(
    table: str,
    key: Key,
    *,
    sets: Mapping[str, Any] | None,
    firsts: Mapping[str, Any] | None = None,
    adds: Mapping[str, int] | None,
    removes: Sequence[str],
    condition: Condition | None,
) -> dict[str, Any]:
    """The request that updates an item. A name is that of an attribute and may have any characters. `firsts` are set
    only where the item has no such attribute yet."""
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
    """The same request, which returns the stored item where its condition does not hold."""
    return {**request, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def _conditional(
    request: dict[str, Any], condition: Condition | None, expressions: Expressions | None = None
) -> dict[str, Any]:
    expressions = expressions or Expressions()
    if condition is not None:
        request["ConditionExpression"] = expressions.condition(condition)
    return expressions.into(request)
