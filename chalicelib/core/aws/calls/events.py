"""Our calls in botocore's own events, for tests that listen to them (`client.meta.events`).

They are emitted by the botocore client that stands behind ours, under the same names and with the same arguments
(https://docs.aws.amazon.com/boto3/latest/guide/events.html), so that a listener need not know which of both makes a
call. A running function has no listeners, and then none of this is loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSRequest

from chalicelib.core.aws.calls import behind
from chalicelib.core.aws.calls.bodies import Body
from chalicelib.core.aws.calls.json_protocol import WritesItself
from chalicelib.core.aws.calls.messages import Response
from chalicelib.core.aws.telemetry import NOTED

if TYPE_CHECKING:
    from chalicelib.core.aws.calls.messages import Request
    from chalicelib.core.aws.calls.services import Service


class _Answered:
    """An HTTP response, as far as listeners look at it."""

    def __init__(self, status: int) -> None:
        self.status_code = status


class _NoConnection:
    """What a body is read from that did not come over one."""

    url = ""

    def release(self) -> None: ...
    def close(self) -> None: ...


def _seen(params: dict[str, Any]) -> dict[str, Any]:
    """A copy of the parameters, in the types that botocore takes."""
    return {name: list(value) if isinstance(value, WritesItself) else value for name, value in params.items()}


class Events:
    """The events of one call."""

    def __init__(self, emitter: Any, service: Service) -> None:
        self._emitter = emitter
        self._service = service
        self._context: dict[str, Any] = {NOTED: True}
        self._answered: Any = None

    def parameters(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """The parameters, as whoever listens changes them."""
        about = self._about(operation)
        seen = _seen(params)
        heard = dict(seen)
        found = self._emitter.emit(self._name("provide-client-params", operation), params=heard, **about)
        heard = next((changed for _, changed in reversed(found) if changed is not None), heard)
        params = {name: params[name] if value is seen.get(name) else value for name, value in heard.items()}
        # A copy, because botocore's own listeners to this change what its serializers will not take.
        self._emitter.emit(self._name("before-parameter-build", operation), params=_seen(params), **about)
        return params

    def before(self, operation: str, request: Request) -> tuple[int, dict[str, Any]] | None:
        """The answer of whoever answers in the place of AWS."""
        request_dict: dict[str, Any] = {
            "url": "",
            "url_path": request.path,
            "method": request.method,
            "headers": request.headers,
            "body": request.body,
            "query_string": request.query,
            "context": self._context,
        }
        _, answer = self._emitter.emit_until_response(
            self._name("before-call", operation),
            **{**self._about(operation), "params": request_dict, "request_signer": None},
        )
        request.body = request_dict["body"]
        if answer is None:
            return None
        self._answered, parsed = answer
        return self._answered.status_code, parsed

    def sent(self, operation: str, request: Request, url: str) -> Response | None:
        """The response of whoever responds in the place of AWS."""
        prepared = AWSRequest(request.method, url, dict(request.headers), request.body).prepare()
        _, answer = self._emitter.emit_until_response(
            self._name("before-send", operation), request=prepared, context=self._context
        )
        if answer is None:
            return None
        headers = {name.lower(): value for name, value in answer.headers.items()}
        if request.is_streamed and answer.status_code < 300:
            headers.setdefault("content-length", str(len(answer.content)))
            return Response(answer.status_code, headers, stream=Body([answer.content], _NoConnection(), None))
        return Response(answer.status_code, headers, answer.content)

    def after(self, operation: str, status: int, parsed: dict[str, Any]) -> int:
        """The status, as whoever listens changes it."""
        answered = self._answered or _Answered(status)
        self._emitter.emit(
            self._name("after-call", operation),
            **{**self._about(operation), "http_response": answered, "parsed": parsed},
        )
        return int(answered.status_code)

    def broke(self, operation: str, error: BaseException) -> None:
        self._emitter.emit(self._name("after-call-error", operation), exception=error, context=self._context)

    def _name(self, event: str, operation: str) -> str:
        return f"{event}.{self._service.in_events}.{operation}"

    def _about(self, operation: str) -> dict[str, Any]:
        model = behind.session().get_service_model(self._service.name).operation_model(operation)
        return {"model": model, "context": self._context}
