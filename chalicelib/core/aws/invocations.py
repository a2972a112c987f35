"""Invokes the stage's functions, and waits for what they answer."""

from __future__ import annotations

import json
from typing import Any, Literal

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NotReached

from chalicelib.core import wire
from chalicelib.core.aws import clients
from chalicelib.core.aws.refusals import accepted
from chalicelib.core.errors import Conflict, Unavailable
from chalicelib.core.settings import settings

Asked = Literal["observe_stage", "operate_stage", "query_read_model", "operate_read_model"]

LONGEST_SECONDS = 900
"""The longest time that any function may run."""

PATIENCE_SECONDS = 26
"""How long a request waits. API Gateway gives up after 29."""


def invoke(function: str, event: dict[str, Any], seconds: int = LONGEST_SECONDS) -> Any:
    """Invoke a function of the stage by its short name, and return its answer.

    Raises Conflict with its error where it failed, Unavailable where it did not answer in so many seconds: it may be at
    work still.
    """
    answer = _answer(function, event, seconds)
    if "errorMessage" in answer:
        raise Conflict(f"{function} failed: {answer['errorMessage']}")
    return answer["value"]


def ask(function: Asked, event: dict[str, Any]) -> Any:
    """Have one of these functions do something for a request, and return its answer.

    Raises what it refuses (NotFound, Conflict, Invalid), and Unavailable where it fails or takes too long.
    """
    answer = _answer(function, event, PATIENCE_SECONDS)
    if "errorMessage" in answer:
        raise Unavailable(f"{function} failed: its log says why")
    return accepted(answer["value"])


def _answer(function: str, event: dict[str, Any], seconds: int) -> dict[str, Any]:
    """`{"value"}`, or `{"errorMessage"}` where the function raised an error.

    https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
    """
    try:
        reply = clients.client("lambda", seconds).invoke(
            FunctionName=settings().names.of(function), Payload=wire.to_json(event).encode()
        )
    except (NotReached, HTTPClientError):
        raise Unavailable(f"{function} did not answer in {seconds} seconds; what it began may go on") from None
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        raise Unavailable(f"{function} cannot be invoked: {code}") from None
    payload = reply["Payload"]
    value = json.loads((payload if isinstance(payload, bytes) else payload.read()) or b"null")
    if not reply.get("FunctionError"):
        return {"value": value}
    return {"errorMessage": str(value.get("errorMessage") if isinstance(value, dict) else value)}
