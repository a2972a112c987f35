"""Counts every AWS call: calls, time, capacity units and errors.

The counts are for the metrics of a running function and for the budget tests.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Call:
    """One AWS call, with its retries."""

    service: str
    operation: str
    parameters: dict[str, Any]
    seconds: float = 0.0
    capacity: float = 0.0
    """DynamoDB's consumed capacity units, indexes included; 0 for other services."""
    error: str = ""
    """The error's code, or empty."""


@dataclass
class Recording:
    """The calls made while recording, in order."""

    calls: list[Call] = field(default_factory=list)

    def of(self, *operations: str) -> list[Call]:
        """The calls of these operations, by botocore's name (`PutItem`)."""
        return [call for call in self.calls if call.operation in operations]

    @property
    def names(self) -> list[str]:
        return [call.operation for call in self.calls]


_recordings: list[Recording] = []


@contextmanager
def recording() -> Iterator[Recording]:
    """Record every AWS call of this process while the block runs."""
    record = Recording()
    _recordings.append(record)
    try:
        yield record
    finally:
        _recordings.remove(record)


NOTED = "rollcall_noted"
"""In botocore's context of a call: that whoever makes it notes it."""


def note(
    service: str, operation: str, parameters: dict[str, Any], started: float, parsed: dict[str, Any], error: str
) -> None:
    """Note a call that was made. `started` is its beginning by `time.perf_counter`. While nothing records, that costs
    next to nothing.

    With the setting `LOG_AWS_CALLS` each call is logged too, with the permissions that it needs.
    """
    logged = settings().log_aws_calls
    if not (_recordings or logged):
        return
    seconds, capacity = time.perf_counter() - started, _capacity(parsed)
    call = Call(service, operation, parameters, seconds, capacity, error)
    for record in _recordings:
        record.calls.append(call)
    if logged:
        _log(call)


def listen(events: Any) -> None:
    """Note the calls that botocore makes, by its own events."""
    events.register("provide-client-params.*.*", _started)
    events.register("after-call.*.*", _answered)
    events.register("after-call-error.*.*", _broke)


def _started(params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
    if NOTED not in context:
        context["rollcall"] = (model.service_model.service_name, model.name, params, time.perf_counter())


def _answered(parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    if "rollcall" in context:
        service, operation, parameters, started = context["rollcall"]
        note(service, operation, parameters, started, parsed, parsed.get("Error", {}).get("Code", ""))


def _broke(exception: BaseException, context: dict[str, Any], **_: Any) -> None:
    if "rollcall" in context:
        service, operation, parameters, started = context["rollcall"]
        note(service, operation, parameters, started, {}, type(exception).__name__)


def _log(call: Call) -> None:
    from chalicelib.core import logs
    from chalicelib.core.aws import permissions

    needed = permissions.needed(call.service, call.operation, call.parameters)
    logs.info("aws call", operation=call.operation, needs=needed, error=call.error, capacity=call.capacity)


def _capacity(parsed: dict[str, Any]) -> float:
    consumed = parsed.get("ConsumedCapacity") or []
    if isinstance(consumed, dict):
        consumed = [consumed]
    return float(sum(part.get("CapacityUnits", 0.0) for part in consumed))
