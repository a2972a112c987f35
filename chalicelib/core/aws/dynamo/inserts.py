"""Puts many new items in one call, each only where there is no item with its key.

PartiQL's `INSERT` never replaces an item, and costs the write units of a conditional put. `BatchExecuteStatement` runs
each statement by itself, and its reply names the error of each in their order:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.insert.html
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchExecuteStatement.html
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chalicelib.core.aws.dynamo.errors import ConditionFailed
from chalicelib.core.aws.dynamo.requests import COUNTED
from chalicelib.core.aws.dynamo.values import marshal
from chalicelib.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

INSERT_LIMIT = 25
"""The most items of a call, whose keys all differ."""

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
