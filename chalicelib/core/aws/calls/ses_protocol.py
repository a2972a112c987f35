"""REST with JSON, as SES speaks it.

https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core.aws.calls import json_protocol
from chalicelib.core.aws.calls.messages import Request

if TYPE_CHECKING:
    from chalicelib.core.aws.calls.messages import Response

_PATHS = {"SendEmail": "/v2/email/outbound-emails"}
"""Of operations all of whose parameters are in the body."""


class SesProtocol:
    def request(self, operation: str, params: dict[str, Any]) -> Request:
        headers = {"content-type": "application/json"}
        body = json_protocol.encode(params).encode()
        return Request(json_protocol.read, headers, body, path=_PATHS[operation])

    def refusal(self, response: Response) -> dict[str, Any]:
        return json_protocol.refusal(response, response.headers.get("x-amzn-errortype", ""))
