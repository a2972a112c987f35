"""What a request to AWS asks: two with the same key may get the same answer.

Reads are told by the keys that they name, writes by their tables and by the form of what they write: it does not matter
which session a sign-in makes. Batches of messages are told by the ids of their entries, which the answer repeats.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Mapping

_SERVICE = re.compile(r"Credential=[^/]+/[^/]+/[^/]+/([^/]+)/")

_ACTION = re.compile(rb'"(Put|Update|Delete|ConditionCheck)": ?\{"TableName": ?"([^"]+)"')
"""An action of a transaction and its table. To parse the 60 KB of an import's as JSON takes longer than to write, sign
and send them: the time of an import would be that of this endpoint. In a text of an item such quotes are escaped."""

_READS = {"GetItem", "BatchGetItem"}
_FORM = (
    *("TableName", "IndexName", "KeyConditionExpression", "FilterExpression", "ConditionExpression"),
    *("UpdateExpression", "ReturnValues", "Limit", "Segment", "QueueUrl", "SecretId", "VersionId", "VersionStage"),
)
"""Parameters whose values are the same in each request of a kind."""


def service_of(headers: Mapping[str, str]) -> str:
    """The service that a request was signed for, or nothing."""
    signed = _SERVICE.search(headers.get("authorization", ""))
    return signed[1] if signed else ""


def operation_of(method: str, headers: Mapping[str, str], body: bytes) -> str:
    """The operation's name; of services that have none in a request, the method."""
    if target := headers.get("x-amz-target"):
        return target.rpartition(".")[2]
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(body.decode())).get("Action", method)
    return method


def key_of(method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[str, ...]:
    """What a request asks. `headers` have small letters."""
    operation = operation_of(method, headers, body)
    if operation == "TransactWriteItems":
        return service_of(headers), operation, *(b" ".join(action).decode() for action in _ACTION.findall(body))
    if "x-amz-target" in headers:
        return service_of(headers), operation, *_of_json(operation, json.loads(body or b"{}"))
    if operation != method:
        asked = dict(parse_qsl(body.decode()))
        return service_of(headers), operation, *(value for name, value in asked.items() if name.endswith(".Id"))
    return service_of(headers), method, path


def _of_json(operation: str, asked: dict[str, Any]) -> tuple[str, ...]:
    if operation in _READS:
        return (json.dumps({name: asked.get(name) for name in ("TableName", "Key", "RequestItems")}),)
    if "Statements" in asked:
        return tuple(each["Statement"] for each in asked["Statements"])
    if "Entries" in asked:
        return asked["QueueUrl"], *(each["Id"] for each in asked["Entries"])
    form = tuple(f"{name}={asked[name]}" for name in _FORM if name in asked)
    return (*form, "next" if "ExclusiveStartKey" in asked else "", *_partition(asked))


def _partition(asked: dict[str, Any]) -> tuple[str, ...]:
    """What a query looks for under equality: the first of its values, in the order in which they are named."""
    if "KeyConditionExpression" not in asked:
        return ()
    values = asked.get("ExpressionAttributeValues", {})
    return (json.dumps(values[min(values)]),) if values else ()
