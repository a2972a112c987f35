"""DynamoDB in plain Python values: a `Table` of conditional writes, and transactions over several.

boto3's own serializer turns every number into a Decimal both ways and costs twice the time of the call on bulk
writes; this one speaks `int` and `float`. Conditions are boto3's (`Attr("version").eq(3)`).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, ConditionExpressionBuilder
from botocore.exceptions import ClientError

from chalicelib.core.aws import backoff, key_limits
from chalicelib.core.aws.parallel import in_parallel
from chalicelib.core.errors import RollcallError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from boto3.dynamodb.conditions import ConditionBase

Item = dict[str, Any]
Key = dict[str, Any]

INTEGER_DIGITS = 39
"""Of a number that was an integer: DynamoDB's 38 and a sign. It writes out a `1e+124` in as many digits, which was a
fraction's kind of number: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""

TRANSACTION_LIMIT = 100
"""Actions in a transaction: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html"""

BATCH_READ_LIMIT = 100
"""Keys in a call, all different: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""

BATCH_READ_ROUNDS = 8
"""Calls for the same keys, with 2 seconds between the first and the last on average. A hundred items of 400 KB need
three, since an answer holds 16 MB."""


class ConditionFailed(RollcallError):
    """A conditional write found something else than it expected; `item` is what it found, where asked for."""

    status = 409
    title = "The record has changed"

    def __init__(self, item: Item | None = None) -> None:
        super().__init__()
        self.item = item


class TransactionRefused(RollcallError):
    """A transaction was not applied. `failed` holds, by the action's position, the item that its condition met
    (None where there is none)."""

    status = 409
    title = "A record has changed"

    def __init__(self, failed: dict[int, Item | None]) -> None:
        super().__init__()
        self.failed = failed


def marshal(value: Any) -> dict[str, Any]:  # noqa: C901 - one line per type
    """A Python value in DynamoDB's typed JSON. Raises TypeError for what it cannot hold."""
    kind = type(value)
    if kind is str:
        return {"S": value}
    if kind is bool:
        return {"BOOL": value}
    if kind is int:
        return {"N": str(value)}
    if kind is float:
        return {"N": repr(value)}
    if value is None:
        return {"NULL": True}
    if kind is dict:
        return {"M": {name: marshal(part) for name, part in value.items()}}
    if kind in {list, tuple}:
        return {"L": [marshal(part) for part in value]}
    if kind is bytes:
        return {"B": value}
    if kind in {set, frozenset}:
        return {"SS": sorted(value)}
    if isinstance(value, str):
        return {"S": str(value)}
    raise TypeError(f"DynamoDB cannot hold a {kind.__name__}")


def unmarshal(typed: Mapping[str, Any]) -> Any:
    """The Python value of DynamoDB's typed JSON. Lambda hands a stream's binary values on as base64, boto3 as bytes."""
    ((kind, value),) = typed.items()
    if kind == "S":
        return value
    if kind == "N":
        return int(value) if value.lstrip("-").isdigit() and len(value) <= INTEGER_DIGITS else float(value)
    if kind == "BOOL":
        return value
    if kind == "NULL":
        return None
    if kind == "M":
        return {name: unmarshal(part) for name, part in value.items()}
    if kind == "L":
        return [unmarshal(part) for part in value]
    if kind == "B":
        return base64.b64decode(value) if isinstance(value, str) else bytes(value)
    if kind in {"SS", "NS", "BS"}:  # we write the first alone; others may have written what we read
        return {unmarshal({kind[0]: part}) for part in value}
    raise TypeError(f"unknown DynamoDB type {kind!r}")


def to_item(typed: Mapping[str, Any] | None) -> Item | None:
    """An item of a response, or of a stream record's image, as plain Python; None stays None."""
    return None if typed is None else {name: unmarshal(value) for name, value in typed.items()}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """A plain item in DynamoDB's typed JSON."""
    return {name: marshal(value) for name, value in item.items()}


class _Expressions:
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


@dataclass(frozen=True)
class Page:
    """One page of a query; `next` is where the following one starts, or None at the end."""

    items: list[Item]
    next: Key | None = None


@dataclass
class Action:
    """One action of a transaction, made by a Table's `putting`, `updating`, `deleting` or `checking`."""

    request: dict[str, Any] = field(default_factory=dict)


class Table:
    """One table. Every write may carry a condition, and raises ConditionFailed where it does not hold."""

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self.name = name

    def get(self, key: Key, *, consistent: bool = True) -> Item | None:
        """The item with that key, or None; also for what no item can have as its key."""
        if not key_limits.is_possible(key):
            return None
        answer = self._client.get_item(
            TableName=self.name, Key=from_item(key), ConsistentRead=consistent, **_COUNTED
        )
        return to_item(answer.get("Item"))

    def put(self, item: Item, condition: ConditionBase | None = None) -> None:
        self._run("put_item", self._putting(item, condition))

    def update(
        self,
        key: Key,
        *,
        set: Mapping[str, Any] | None = None,  # noqa: A002 - DynamoDB's own word
        first: Mapping[str, Any] | None = None,
        add: Mapping[str, int] | None = None,
        remove: Sequence[str] = (),
        condition: ConditionBase | None = None,
    ) -> Item:
        """Change an item and return it as it is afterwards. A name is an attribute's, whatever characters it has.

        `first` is set only where the attribute is not there yet.
        """
        request = self._updating(key, set or {}, add or {}, remove, condition, first or {})
        answer = self._run("update_item", {**request, "ReturnValues": "ALL_NEW"})
        return to_item(answer.get("Attributes")) or {}

    def delete(self, key: Key, condition: ConditionBase | None = None) -> Item | None:
        """Delete an item and return what it was, or None where there was none."""
        answer = self._run("delete_item", {**self._deleting(key, condition), "ReturnValues": "ALL_OLD"})
        return to_item(answer.get("Attributes"))

    def query(
        self,
        key: ConditionBase,
        *,
        index: str | None = None,
        where: ConditionBase | None = None,
        limit: int | None = None,
        start: Key | None = None,
        newest_first: bool = False,
        consistent: bool = False,
    ) -> Page:
        """One page (1 MB at most, before `where`) of the items under one partition key: empty for one that no item
        can have."""
        expressions = _Expressions()
        condition = expressions.condition(key, is_key=True)
        if not key_limits.is_possible(
            {name: value["S"] for name, value in expressions.values.items() if "S" in value}
        ):
            return Page([])
        request: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": condition,
            "ScanIndexForward": not newest_first,
            "ConsistentRead": consistent,
        }
        if where is not None:
            request["FilterExpression"] = expressions.condition(where)
        if index:
            request["IndexName"] = index
        if limit:
            request["Limit"] = limit
        if start:
            request["ExclusiveStartKey"] = from_item(start)
        return self._page(self._client.query(**expressions.into(request), **_COUNTED))

    def query_all(self, key: ConditionBase, **options: Any) -> Iterator[Item]:
        """The items of every page, in order."""
        page = self.query(key, **options)
        yield from page.items
        while page.next:
            page = self.query(key, **{**options, "start": page.next})
            yield from page.items

    def scan_segment(self, segment: int, segments: int, *, start: Key | None = None, limit: int = 500) -> Page:
        """One page of one of `segments` equal parts of the whole table: for exports, never for a request."""
        request: dict[str, Any] = {
            "TableName": self.name,
            "Segment": segment,
            "TotalSegments": segments,
            "Limit": limit,
        }
        if start:
            request["ExclusiveStartKey"] = from_item(start)
        return self._page(self._client.scan(**request, **_COUNTED))

    def putting(self, item: Item, condition: ConditionBase | None = None) -> Action:
        return Action({"Put": _returning(self._putting(item, condition))})

    def updating(
        self,
        key: Key,
        *,
        set: Mapping[str, Any] | None = None,  # noqa: A002 - DynamoDB's own word
        add: Mapping[str, int] | None = None,
        remove: Sequence[str] = (),
        condition: ConditionBase | None = None,
    ) -> Action:
        return Action({"Update": _returning(self._updating(key, set or {}, add or {}, remove, condition))})

    def deleting(self, key: Key, condition: ConditionBase | None = None) -> Action:
        return Action({"Delete": _returning(self._deleting(key, condition))})

    def checking(self, key: Key, condition: ConditionBase) -> Action:
        return Action({"ConditionCheck": _returning(self._deleting(key, condition))})

    def _putting(self, item: Item, condition: ConditionBase | None) -> dict[str, Any]:
        return self._conditional({"TableName": self.name, "Item": from_item(item)}, condition)

    def _deleting(self, key: Key, condition: ConditionBase | None) -> dict[str, Any]:
        return self._conditional({"TableName": self.name, "Key": from_item(key)}, condition)

    def _updating(
        self,
        key: Key,
        sets: Mapping[str, Any],
        adds: Mapping[str, int],
        removes: Sequence[str],
        condition: ConditionBase | None,
        firsts: Mapping[str, Any] = MappingProxyType({}),
    ) -> dict[str, Any]:
        expressions = _Expressions()
        names = {n: expressions.name(n) for n in firsts}
        clauses = {
            "SET": [f"{expressions.name(n)} = {expressions.value(v)}" for n, v in sets.items()]
            + [f"{names[n]} = if_not_exists({names[n]}, {expressions.value(v)})" for n, v in firsts.items()],
            "ADD": [f"{expressions.name(n)} {expressions.value(v)}" for n, v in adds.items()],
            "REMOVE": [expressions.name(n) for n in removes],
        }
        request: dict[str, Any] = {
            "TableName": self.name,
            "Key": from_item(key),
            "UpdateExpression": " ".join(f"{w} {', '.join(c)}" for w, c in clauses.items() if c),
        }
        return self._conditional(request, condition, expressions)

    def _conditional(
        self,
        request: dict[str, Any],
        condition: ConditionBase | None,
        expressions: _Expressions | None = None,
    ) -> dict[str, Any]:
        expressions = expressions or _Expressions()
        if condition is not None:
            request["ConditionExpression"] = expressions.condition(condition)
        return expressions.into(request)

    def _run(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        if "ConditionExpression" in request:
            request = _returning(request)
        try:
            answer: dict[str, Any] = getattr(self._client, operation)(**request, **_COUNTED)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                raise ConditionFailed(to_item(error.response.get("Item"))) from error
            raise
        return answer

    def _page(self, answer: dict[str, Any]) -> Page:
        items = [to_item(item) or {} for item in answer["Items"]]
        return Page(items, to_item(answer.get("LastEvaluatedKey")))


class Database:
    """DynamoDB as a whole: tables, and what reaches over several."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def table(self, name: str) -> Table:
        return Table(self._client, name)

    def transact(self, actions: Iterable[Action], *, token: str | None = None) -> None:
        """Apply 1 to 100 actions, all or none. The same `token` (36 characters at most) within ten minutes is
        applied once. Raises TransactionRefused where a condition does not hold."""
        request: dict[str, Any] = {"TransactItems": [action.request for action in actions]}
        if token:
            request["ClientRequestToken"] = token
        try:
            self._client.transact_write_items(**request, **_COUNTED)
        except ClientError as error:
            reasons = error.response.get("CancellationReasons", [])
            failed = {
                position: to_item(reason.get("Item"))
                for position, reason in enumerate(reasons)
                if reason.get("Code") == "ConditionalCheckFailed"
            }
            if failed:
                raise TransactionRefused(failed) from error
            if any(reason.get("Code") == "TransactionConflict" for reason in reasons):
                raise Unavailable("another transaction holds a record") from error
            raise

    def batch_get(
        self, wanted: Sequence[tuple[Table, Key]], *, consistent: bool = True, workers: int = 1
    ) -> list[Item | None]:
        """The items of any tables in the order of the keys `wanted`, one call for each hundred different ones, so many
        at once; None where there is none, or can be none. A key may be given more than once.

        What DynamoDB leaves in `UnprocessedKeys`, for want of capacity or because an answer would be above 16 MB, is
        asked for again. Raises Unavailable where it keeps doing so.
        """
        places = [_place(table.name, key) for table, key in wanted]
        different = [
            each for each in dict(zip(places, wanted, strict=True)).values() if key_limits.is_possible(each[1])
        ]
        hundreds = [
            different[start : start + BATCH_READ_LIMIT] for start in range(0, len(different), BATCH_READ_LIMIT)
        ]
        read = partial(self._read, consistent=consistent)
        parts = in_parallel(read, hundreds, workers) if min(workers, len(hundreds)) > 1 else map(read, hundreds)
        found = {place: item for part in parts for place, item in part.items()}
        return [found.get(place) for place in places]

    def _read(self, some: Sequence[tuple[Table, Key]], *, consistent: bool) -> dict[_Place, Item]:
        names = {table.name: sorted(key) for table, key in some}
        wanted: dict[str, Any] = {name: {"Keys": [], "ConsistentRead": consistent} for name in names}
        for table, key in some:
            wanted[table.name]["Keys"].append(from_item(key))
        found: dict[_Place, Item] = {}
        for _ in backoff.rounds(BATCH_READ_ROUNDS):
            answer = self._client.batch_get_item(RequestItems=wanted, **_COUNTED)
            for name, typed in answer["Responses"].items():
                items = [to_item(item) or {} for item in typed]
                found |= {_place(name, {part: item[part] for part in names[name]}): item for item in items}
            wanted = answer.get("UnprocessedKeys") or {}
            if not wanted:
                return found
        raise Unavailable("DynamoDB left keys unread")


_Place = tuple[str, tuple[tuple[str, Any], ...]]
"""Where an item is: its table, and its key in one order."""


def _place(table: str, key: Key) -> _Place:
    return table, tuple(sorted(key.items()))


_COUNTED = {"ReturnConsumedCapacity": "TOTAL"}
"""Each answer says what it cost: telemetry counts it, and the budget tests hold each operation to it."""


def _returning(request: dict[str, Any]) -> dict[str, Any]:
    return {**request, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def absent(key: str = "id") -> ConditionBase:
    """The condition that no item with this key exists yet."""
    return Attr(key).not_exists()


def present(key: str = "id") -> ConditionBase:
    """The condition that an item with this key exists."""
    return Attr(key).exists()


def unchanged(read: Item | None) -> ConditionBase:
    """The condition that an item has the version that was read, or is not there still where none was."""
    return absent() if read is None else Attr("version").eq(read["version"])
