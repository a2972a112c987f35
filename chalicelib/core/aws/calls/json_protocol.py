"""AWS JSON 1.0 and 1.1, as DynamoDB, SQS, Secrets Manager and Step Functions speak it.

Parameters and results are the JSON itself. What botocore converts beside is left as it comes: times are seconds since
1970, and DynamoDB's binary values are base64 (`core.aws.dynamo.values` reads both).
https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
"""

from __future__ import annotations

import base64
import json
import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chalicelib.core.aws.calls.messages import Request, generic_refusal, is_generic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.core.aws.calls.messages import Response

_IN_MESSAGE = ("__type", "message", "Message")


def _binary(value: Any) -> str:
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    raise TypeError(f"JSON cannot hold a {type(value).__name__}")


encode = json.JSONEncoder(separators=(",", ":"), default=_binary).encode


class WritesItself(Sequence[Any], ABC):
    """A parameter that knows its own JSON, without the values that whoever looks at it sees."""

    @abstractmethod
    def json(self) -> str: ...


def _written(params: dict[str, Any]) -> str:
    own = [f'"{name}":{value.json()}' for name, value in params.items() if isinstance(value, WritesItself)]
    if not own:
        return encode(params)
    rest = encode({name: value for name, value in params.items() if not isinstance(value, WritesItself)})
    return f"{{{','.join(filter(None, [*own, rest[1:-1]]))}}}"


def read(response: Response) -> dict[str, Any]:
    """The JSON object of a response. Raises ValueError where it is none."""
    result: dict[str, Any] = json.loads(response.body) if response.body else {}
    return result


class JsonProtocol:
    """`target` is the first part of the operation's name on the wire. `tokens` are the parameters, by operation, that
    are a random text where the caller gives none: with it, a further attempt has no further effect."""

    def __init__(self, target: str, version: str, tokens: Mapping[str, str], **more: str) -> None:
        self._target = target
        self._tokens = tokens
        self._headers = {"content-type": f"application/x-amz-json-{version}", **more}

    def request(self, operation: str, params: dict[str, Any]) -> Request:
        token = self._tokens.get(operation)
        if token and token not in params:
            params = {**params, token: os.urandom(16).hex()}
        headers = {**self._headers, "x-amz-target": f"{self._target}.{operation}"}
        return Request(read, headers, _written(params).encode())

    def refusal(self, response: Response) -> dict[str, Any]:
        """An error as botocore has it: `Error`, and the further members that it brings."""
        return refusal(response, "")


def refusal(response: Response, code: str) -> dict[str, Any]:
    """An error whose body is a JSON object; its code is `code`, or in the body."""
    if is_generic(response):
        return generic_refusal(response)
    members = _members(response.body)
    code = str(code or members.get("__type") or response.status).partition(":")[0].rpartition("#")[2]
    query_code = response.headers.get("x-amzn-query-error", "").partition(";")
    error = {"Message": members.get("message", members.get("Message", "")), "Code": query_code[0] or code}
    if query_code[0]:
        error |= {"QueryErrorCode": code, "Type": query_code[2]}
    return {"Error": error} | {name: value for name, value in members.items() if name not in _IN_MESSAGE}


def _members(body: bytes) -> dict[str, Any]:
    try:
        members = json.loads(body or b"{}")
    except ValueError:
        members = None
    return members if isinstance(members, dict) else {"message": body.decode("utf-8", "replace")}
