"""A client of one service: `client.get_item(**request)`, as botocore's.

It does what botocore does with a call (write, sign, send, read, and repeat where that may help) without looking at the
model of the service, and raises botocore's errors: ClientError with the same `response`, and those of the connection.
Operations that it does not know go through botocore (`behind`).
"""

from __future__ import annotations

import os
import time
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from zlib import crc32

from botocore import exceptions

from chalicelib.core.aws import telemetry
from chalicelib.core.aws.calls import behind, connections, credentials, endpoints, retries
from chalicelib.core.aws.calls.services import SERVICES
from chalicelib.core.aws.calls.signing import sign

if TYPE_CHECKING:
    from chalicelib.core.aws.calls.endpoints import Endpoint
    from chalicelib.core.aws.calls.events import Events
    from chalicelib.core.aws.calls.messages import Request, Response
    from chalicelib.core.aws.calls.services import Service


def client(service: str, read_seconds: int, attempts: int) -> Any:
    """A client of a service by botocore's name of it, whose calls wait `read_seconds` at most and are made up to
    `attempts` times. Clients are thread-safe."""
    covered = SERVICES.get(service)
    endpoint = endpoints.resolve(covered.host, covered.variable) if covered else None
    if covered is None or endpoint is None:
        return behind.client(service, read_seconds, attempts)
    return Client(covered, endpoint, read_seconds, attempts)


def reset() -> None:
    """Give up credentials and connections, as a process does that begins anew."""
    behind.session.cache_clear()
    credentials.source.cache_clear()
    connections.close_idle()


class Client:
    """See `client`."""

    heard_always = False
    """Whether the events of every client are emitted, not only of those whose `meta` was asked for."""

    def __init__(self, service: Service, endpoint: Endpoint, read_seconds: int, attempts: int) -> None:
        self._service = service
        self._protocol = service.protocol()
        self._endpoint = endpoint
        self._read_seconds = read_seconds
        self._attempts = attempts
        self._quota = retries.Quota()
        self._first_wait = retries.DYNAMODB_SECONDS if service.name == "dynamodb" else retries.SECONDS

    def __getattr__(self, method: str) -> Any:
        operation = "".join(part.capitalize() for part in method.split("_"))
        if operation not in self._service.operations:
            return getattr(self._behind, method)

        def call(**params: Any) -> dict[str, Any]:
            if not self._service.covers(operation, params):
                reply: dict[str, Any] = getattr(self._behind, method)(**params)
                return reply
            return self._call(operation, params)

        setattr(self, method, call)
        return call

    @cached_property
    def meta(self) -> Any:
        """What botocore's client has there: `meta.events` are heard from now on."""
        return self._behind.meta

    @cached_property
    def _behind(self) -> Any:
        return behind.client(self._service.name, self._read_seconds, self._attempts)

    def _events(self) -> Events | None:
        """Who hears of this client's calls: in tests alone."""
        if not (self.heard_always or "meta" in self.__dict__):
            return None
        from chalicelib.core.aws.calls.events import Events

        return Events(self.meta.events, self._service)

    def _call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        events, started = self._events(), time.perf_counter()
        request = self._protocol.request(operation, events.parameters(operation, params) if events else params)
        answer = events.before(operation, request) if events else None
        if answer is None:
            try:
                answer = self._send(operation, request, events)
            except Exception as error:
                telemetry.note(self._service.name, operation, params, started, {}, type(error).__name__)
                if events:
                    events.broke(operation, error)
                raise
        status, parsed = answer
        if events:
            status = events.after(operation, status, parsed)
        code = str(parsed["Error"].get("Code", "")) if "Error" in parsed else ""
        telemetry.note(self._service.name, operation, params, started, parsed, code)
        if status >= 300:
            raise exceptions.ClientError(parsed, operation)
        return parsed

    def _send(self, operation: str, request: Request, events: Events | None) -> tuple[int, dict[str, Any]]:
        """The status of the last attempt's response, and what it says. Raises the last attempt's error."""
        attempts = retries.Attempts(self._attempts, self._first_wait, self._quota)
        while attempts.go_on(outcome := self._attempt(operation, request, events)):
            pass
        if outcome.response is None:
            raise outcome.failure or RuntimeError
        outcome.parsed["ResponseMetadata"] = _metadata(outcome.response) | attempts.metadata
        return outcome.status, outcome.parsed

    def _attempt(self, operation: str, request: Request, events: Events | None) -> retries.Outcome:
        try:
            response = self._exchange(operation, request, events)
            return retries.Outcome(response, self._read(request, response))
        except (exceptions.ConnectionError, exceptions.HTTPClientError) as error:
            return retries.Outcome(None, {}, error)

    def _exchange(self, operation: str, request: Request, events: Events | None) -> Response:
        endpoint, bucket = self._endpoint, request.bucket
        host, path = endpoint.authority(bucket), endpoint.full_path(request.path, bucket)
        keys = credentials.source()()
        sign(request, host, path, self._service.signed_as, endpoint.region, keys, time.time())
        target = f"{path}?{request.query}" if request.query else path
        if events:
            response = events.sent(operation, request, f"http{'s' * endpoint.is_secure}://{host}{target}")
            if response is not None:
                return response
        lines = "".join([f"{name}: {value}\r\n" for name, value in request.headers.items()])
        head = f"{request.method} {target} HTTP/1.1\r\n{lines}{_unsigned()}content-length: {len(request.body)}\r\n\r\n"
        return connections.connection(endpoint, host).exchange(
            head.encode() + request.body,
            method=request.method,
            is_streamed=request.is_streamed,
            read_seconds=self._read_seconds,
        )

    def _read(self, request: Request, response: Response) -> dict[str, Any]:
        checksum = response.headers.get("x-amz-crc32")
        try:
            if checksum and int(checksum) != crc32(response.body):
                raise ValueError("not the body of its checksum")
            read = request.read if response.status < 300 else self._protocol.refusal
            return read(response)
        except ValueError as error:  # what came is not what was sent
            raise exceptions.ConnectionClosedError(endpoint_url=self._endpoint.host, error=error) from error


def _metadata(response: Response) -> dict[str, Any]:
    headers = response.headers
    request_id = headers.get("x-amzn-requestid") or headers.get("x-amz-request-id", "")
    return {"RequestId": request_id, "HTTPStatusCode": response.status, "HTTPHeaders": headers}


_IN_TRACE = "-=;:+&[]{}\"',"


@cache
def _user_agent() -> str:
    return f"user-agent: rollcall Python exec-env/{os.environ.get('AWS_EXECUTION_ENV', 'none')}\r\n"


def _unsigned() -> str:
    """The headers that are not signed. The trace tells Lambda of functions that call each other in a circle:
    https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html"""
    trace = os.environ.get("_X_AMZN_TRACE_ID") if "AWS_LAMBDA_FUNCTION_NAME" in os.environ else None
    shown = f"x-amzn-trace-id: {quote(trace, safe=_IN_TRACE)}\r\n" if trace else ""
    return f"{_user_agent()}accept-encoding: identity\r\n{shown}"
