"""One table, by conditional writes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, cast

from botocore.exceptions import ClientError

from chalicelib.core.aws import key_limits
from chalicelib.core.aws.calls.json_protocol import encode
from chalicelib.core.aws.dynamo import requests
from chalicelib.core.aws.dynamo.actions import Action
from chalicelib.core.aws.dynamo.errors import ConditionFailed
from chalicelib.core.aws.dynamo.expressions import Expressions, absent
from chalicelib.core.aws.dynamo.inserts import Name, Value, insert, insert_in_rounds
from chalicelib.core.aws.dynamo.requests import COUNTED
from chalicelib.core.aws.dynamo.values import from_item, to_item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from typing_extensions import TypeVar

    from chalicelib.core.aws.dynamo.conditions import Condition
    from chalicelib.core.aws.dynamo.values import Item, Key

    Row = TypeVar("Row", bound=Mapping[str, Any], default=Item)
else:
    from typing import TypeVar

    Row = TypeVar("Row")  # Python 3.11, the oldest that Lambda runs us on, knows no default


SCANNED_ROWS = 1000
"""Of a result page of a scan, where all are gone through: about the megabyte that one may have."""


@dataclass(frozen=True)
class ResultPage(Generic[Row]):
    """A result page of a query; `next` is the start of the next one, or None at the end."""

    items: list[Row]
    next: Key | None = None


class Table(Generic[Row]):
    """One table. Every write may carry a condition, and raises ConditionFailed where it does not hold.

    `Table[PersonRow]` reads and writes items of that TypedDict; a plain `Table` any.
    """

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self.name = name

    def get(self, key: Key, *, consistent: bool = True) -> Row | None:
        """The item with that key, or None; None too where the key is impossible."""
        if not key_limits.is_possible(key):
            return None
        reply = self._client.get_item(
            TableName=self.name, Key=from_item(key), ConsistentRead=consistent, **COUNTED
        )
        return cast("Row | None", to_item(reply.get("Item")))

    def put(self, item: Row, condition: Condition | None = None) -> None:
        self._run("put_item", requests.put(self.name, item, condition))

    def insert(self, items: Sequence[Row]) -> list[Exception | None]:
        """Put up to 25 new items (`INSERT_LIMIT`) with different keys, in one call. Returns for each the error, or None
        where it was put: ConditionFailed where there is an item with its key, Unavailable where it may succeed later.
        """
        return insert(self._client, self.name, items)

    def insert_all(
        self, values: Mapping[Name, Value], row_of: Callable[[Value], Row]
    ) -> dict[Name, Exception | None]:
        """Put the new item that `row_of` makes of each value, any number of them, 25 in a call. Returns the errors as
        `insert` does, by the names of the values, whose items must have different keys. What DynamoDB has no room for
        is tried again within about a second, with an item made anew."""
        return insert_in_rounds(self.insert, values, row_of)

    def update(
        self,
        key: Key,
        *,
        set: Mapping[str, Any] | None = None,  # noqa: A002 - DynamoDB's own word
        first: Mapping[str, Any] | None = None,
        add: Mapping[str, int] | None = None,
        remove: Sequence[str] = (),
        condition: Condition | None = None,
    ) -> Row:
        """Change an item, and return it as it is afterwards. A name is that of an attribute and may have any
        characters.

        `first` is set only where the item has no such attribute yet.
        """
        request = requests.update(
            self.name, key, sets=set, firsts=first, adds=add, removes=remove, condition=condition
        )
        reply = self._run("update_item", {**request, "ReturnValues": "ALL_NEW"})
        return cast("Row", to_item(reply.get("Attributes")) or {})

    def delete(self, key: Key, condition: Condition | None = None) -> Row | None:
        """Delete an item, and return it as it was, or None where there was none."""
        request = requests.of_key(self.name, key, condition)
        reply = self._run("delete_item", {**request, "ReturnValues": "ALL_OLD"})
        return cast("Row | None", to_item(reply.get("Attributes")))

    def query(
        self,
        key: Condition,
        *,
        index: str | None = None,
        where: Condition | None = None,
        limit: int | None = None,
        start: Key | None = None,
        newest_first: bool = False,
        consistent: bool = False,
    ) -> ResultPage[Row]:
        """A result page (1 MB at most, before `where`) of the items under one partition key; empty where the key is
        impossible."""
        expressions = Expressions()
        condition = expressions.condition(key)
        if not key_limits.is_possible(
            {name: value["S"] for name, value in expressions.values.items() if "S" in value}
        ):
            return ResultPage([])
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
        return self._result_page(self._client.query(**expressions.into(request), **COUNTED))

    def query_all(self, key: Condition, **options: Any) -> Iterator[Row]:
        """The items of every result page, in order."""
        result_page = self.query(key, **options)
        yield from result_page.items
        while result_page.next:
            result_page = self.query(key, **{**options, "start": result_page.next})
            yield from result_page.items

    def scan_segment(
        self,
        segment: int,
        segments: int,
        *,
        start: Key | None = None,
        limit: int = 500,
        where: Condition | None = None,
        only: Sequence[str] = (),
    ) -> ResultPage[Row]:
        """A result page of one of `segments` equal parts of the whole table: for exports, never within an HTTP request.
        With `where`, it reads 1 MB and has the items that fulfil it. With `only`, it has those attributes of each."""
        expressions = Expressions()
        request: dict[str, Any] = {"TableName": self.name, "Segment": segment, "TotalSegments": segments}
        if where is None:
            request["Limit"] = limit
        else:
            request["FilterExpression"] = expressions.condition(where)
        if only:
            request["ProjectionExpression"] = ", ".join(map(expressions.name, only))
        if start:
            request["ExclusiveStartKey"] = from_item(start)
        return self._result_page(self._client.scan(**expressions.into(request), **COUNTED))

    def scan(self, start: Key | None = None) -> ResultPage[Row]:
        """A result page of the whole table, of SCANNED_ROWS at most, from the key on at which the one before ended."""
        return self.scan_segment(0, 1, start=start, limit=SCANNED_ROWS)

    def putting(self, item: Row, condition: Condition | None = None) -> Action:
        if condition == absent():
            members, members_json = self._of_new
            return Action("Put", members, item, members_json)
        return Action("Put", requests.returning(requests.of_table(self.name, condition)), item)

    @cached_property
    def _of_new(self) -> tuple[dict[str, Any], str]:
        """What the puts of all new items have in common, and its JSON: imports make millions."""
        members = requests.returning(requests.of_table(self.name, absent()))
        return members, encode(members)

    def updating(
        self,
        key: Key,
        *,
        set: Mapping[str, Any] | None = None,  # noqa: A002 - DynamoDB's own word
        add: Mapping[str, int] | None = None,
        remove: Sequence[str] = (),
        condition: Condition | None = None,
    ) -> Action:
        request = requests.update(self.name, key, sets=set, adds=add, removes=remove, condition=condition)
        return Action("Update", requests.returning(request))

    def deleting(self, key: Key, condition: Condition | None = None) -> Action:
        return Action("Delete", requests.returning(requests.of_key(self.name, key, condition)))

    def checking(self, key: Key, condition: Condition) -> Action:
        return Action("ConditionCheck", requests.returning(requests.of_key(self.name, key, condition)))

    def _run(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        if "ConditionExpression" in request:
            request = requests.returning(request)
        try:
            reply: dict[str, Any] = getattr(self._client, operation)(**request, **COUNTED)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                raise ConditionFailed(to_item(error.response.get("Item"))) from error
            raise
        return reply

    def _result_page(self, reply: dict[str, Any]) -> ResultPage[Row]:
        items = [cast("Row", to_item(item) or {}) for item in reply["Items"]]
        return ResultPage(items, to_item(reply.get("LastEvaluatedKey")))
