"""REST as Lambda speaks it: the event of an invocation is the body, and so is what the function answers.

https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from chalicelib.core.aws.calls import json_protocol
from chalicelib.core.aws.calls.messages import Request

if TYPE_CHECKING:
    from chalicelib.core.aws.calls.messages import Response


class LambdaProtocol:
    def request(self, operation: str, params: dict[str, Any]) -> Request:
        function = f"/2015-03-31/functions/{quote(params['FunctionName'], safe='')}"
        if operation == "Invoke":
            return Request(_answer, body=params["Payload"], path=f"{function}/invocations")
        return Request(json_protocol.read, method="GET", path=f"{function}/configuration")

    def refusal(self, response: Response) -> dict[str, Any]:
        return json_protocol.refusal(response, response.headers.get("x-amzn-errortype", ""))


def _answer(response: Response) -> dict[str, Any]:
    """As botocore has it, but for the payload: those are its bytes."""
    answer: dict[str, Any] = {"StatusCode": response.status, "Payload": response.body}
    error, version = (response.headers.get(f"x-amz-{name}") for name in ("function-error", "executed-version"))
    return answer | ({"FunctionError": error} if error else {}) | ({"ExecutedVersion": version} if version else {})
