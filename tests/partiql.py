"""The PartiQL that the app writes, as a test reads it: `INSERT` of a whole item, whose values are all parameters."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

INSERT = re.compile(r"INSERT INTO \"(?P<table>[\w.-]+)\" VALUE \{(?P<members>'\w+':\?(?:,'\w+':\?)*)\}")
LIMIT = 25
"""Statements of a batch: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchExecuteStatement.html"""

STATEMENT_CHARACTERS = 8192
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchStatementRequest.html"""

CODES = {"ConditionalCheckFailedException": "DuplicateItem", "ValidationException": "ValidationError"}
"""How a statement of a batch ends, by how the put that does the same does."""


def inserted(statement: dict[str, Any]) -> dict[str, Any]:
    """The put that does what an `INSERT` does: it never replaces an item."""
    found = INSERT.fullmatch(statement["Statement"])
    if not found or len(statement["Statement"]) > STATEMENT_CHARACTERS:
        raise ValueError(f"not the PartiQL that is written here: {statement['Statement']}")
    names = re.findall(r"'(\w+)':\?", found["members"])
    return {
        "TableName": found["table"],
        "Item": dict(zip(names, statement["Parameters"], strict=True)),
        "ConditionExpression": "attribute_not_exists(#k)",
    }


def answer(
    statements: list[dict[str, Any]], put: Callable[[dict[str, Any]], str], key: Callable[[str], str]
) -> Any:
    """What `BatchExecuteStatement` answers, where `put` makes each put and returns the code of its error or nothing.
    `key` gives the partition key of a table. One statement that fails leaves the others alone."""
    responses: list[dict[str, Any]] = []
    for statement in statements:
        asked = inserted(statement)
        table = asked["TableName"]
        code = put({**asked, "ExpressionAttributeNames": {"#k": key(table)}})
        told = {"Code": CODES.get(code, code.removesuffix("Exception")), "Message": "on purpose"}
        responses.append({"TableName": table, **({"Error": told} if code else {})})
    units = Counter(response["TableName"] for response in responses)
    capacity = [{"TableName": table, "CapacityUnits": float(count)} for table, count in units.items()]
    return {"Responses": responses, "ConsumedCapacity": capacity}


def take_out(request: dict[str, Any], is_taken: Callable[[dict[str, Any]], bool]) -> list[int]:
    """Take statements out of a request that botocore is about to send, so that they have no effect: their positions."""
    document = json.loads(request["body"])
    statements = document["Statements"]
    taken = [position for position, statement in enumerate(statements) if is_taken(statement)]
    document["Statements"] = [statement for position, statement in enumerate(statements) if position not in taken]
    request["body"] = json.dumps(document).encode()
    return taken


def throttle(answer: dict[str, Any], positions: list[int]) -> None:
    """Have the answer say that the statements at these positions, which were taken out, were throttled."""
    for position in positions:
        answer["Responses"].insert(position, {"Error": {"Code": "ThrottlingError", "Message": "on purpose"}})
