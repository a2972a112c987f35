"""Puts many new items in one call, each only where there is no item with its key.

PartiQL's `INSERT` never replaces an item, and costs the write units of a conditional put. `BatchExecuteStatement` runs
each statement by itself, and its reply names the error of each in their order:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.insert.html
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchExecuteStatement.html
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError

from chalicelib.core.aws import backoff
from chalicelib.core.aws.dynamo.errors import ConditionFailed
from chalicelib.core.aws.dynamo.requests import COUNTED
from chalicelib.core.aws.dynamo.values import marshal
from chalicelib.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

Name = TypeVar("Name", bound="Hashable")
Value = TypeVar("Value")
Row = TypeVar("Row")

INSERT_LIMIT = 25
"""The most items of a call, whose keys all differ."""

ROUNDS = 3
"""The most calls for an item that DynamoDB has no room for now. Then what asked for it comes again."""

_PRESENT = "DuplicateItem"

_FOR_NOW = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceeded",
        "RequestLimitExceeded",
        "ThrottlingError",
        "TransactionConflict",
    }
)
"""Errors of a statement that may succeed later:
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchStatementError.html"""


def insert(client: Any, table: str, items: Sequence[Mapping[str, Any]]) -> list[Exception | None]:
    """See `Table.insert`."""
    statements = [
        {"Statement": _statement(table, tuple(item)), "Parameters": list(map(marshal, item.values()))}
        for item in items
    ]
    reply = client.batch_execute_statement(Statements=statements, **COUNTED)
    return [_error(response.get("Error")) for response in reply["Responses"]]


def insert_in_rounds(
    insert_some: Callable[[Sequence[Row]], list[Exception | None]],
    values: Mapping[Name, Value],
    row_of: Callable[[Value], Row],
) -> dict[Name, Exception | None]:
    """See `Table.insert_all`."""
    errors: dict[Name, Exception | None] = {}
    left = list(values)
    for _ in backoff.rounds(ROUNDS):
        for start in range(0, len(left), INSERT_LIMIT):
            names = left[start : start + INSERT_LIMIT]
            errors |= zip(names, insert_some([row_of(values[name]) for name in names]), strict=True)
        left = [name for name in left if isinstance(errors[name], Unavailable)]
        if not left:
            break
    return errors


@cache
def _statement(table: str, names: tuple[str, ...]) -> str:
    """The statement that inserts an item with these attributes, in their order. The names are our own, without
    quotes."""
    members = ",".join(f"'{name}':?" for name in names)
    return f'INSERT INTO "{table}" VALUE {{{members}}}'


def _error(error: Mapping[str, Any] | None) -> Exception | None:
    if error is None:
        return None
    code = str(error.get("Code"))
    if code == _PRESENT:
        return ConditionFailed()
    if code in _FOR_NOW:
        return Unavailable(f"DynamoDB did not insert an item: {code}")
    refused: Exception = ClientError({"Error": {"Code": code}}, "BatchExecuteStatement")
    return refused
