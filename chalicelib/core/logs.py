"""Structured logs and metrics: one JSON line each, on standard output, with the request that they belong to.

No line contains a secret or personal data: log ids, counts and reasons, never bodies, email addresses or names.

A line has the members that Powertools for AWS Lambda gives it, so that queries and tools for those read ours, and is
written by the standard library alone: loading Powertools takes a fifth of a function's cold start. It does not go
through `logging` either, which takes as long as all the rest of the edge; what goes there is Chalice's own.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from chalicelib.core import context, wire, wiring
from chalicelib.core.names import APP

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType

NAMESPACE = "Rollcall"
"""The namespace of all metrics. They are in CloudWatch's Embedded Metric Format: log lines from which CloudWatch makes
metrics."""

Unit = Literal["Count", "Seconds"]
SECONDS: Unit = "Seconds"

_LEAST = logging.getLevelNamesMapping()[wiring.LOGGING_LEVEL]

_NO_FIELDS = frozenset({"level", "location", "message", "timestamp"})
"""Members of a line that no field replaces."""

listeners: list[Callable[[str, FrameType, dict[str, Any]], None]] = []
"""Hear of every line: its level, who wrote it, and its members. For tests."""


def info(event: str, **fields: Any) -> None:
    """Log that something happened: `event` is a few fixed words, `fields` what varies."""
    if _LEAST <= logging.INFO:
        _log("INFO", event, fields)


def warning(event: str, **fields: Any) -> None:
    """Log something that an operator may want to look into."""
    if _LEAST <= logging.WARNING:
        _log("WARNING", event, fields)


def failure(event: str, error: BaseException, **fields: Any) -> None:
    """Log an unexpected error by its class and line of code. Its message may quote data, so it is left out."""
    _log("ERROR", event, {**fields, **_about(error, error.__traceback__)})


def count(metric: str, value: float = 1, *, unit: Unit = "Count", **dimensions: str) -> None:
    """Emit one metric, with the stage as a dimension beside those given.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    of_stage = {"stage": wiring.STAGE, **dimensions}
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [list(of_stage)],
        "Metrics": [{"Name": metric, "Unit": unit}],
    }
    _write(
        {
            "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]},
            **of_stage,
            metric: [float(value)],
        }
    )


def line(level: str, location: str, event: str, moment: float, fields: dict[str, Any]) -> dict[str, Any]:
    """The members of a line, those without a value left out. `moment` is in seconds since 1970."""
    members: dict[str, Any] = {
        "level": level,
        "location": location,
        "message": event,
        # RFC 3339
        "timestamp": datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds"),
        "service": APP,
    }
    members |= {name: value for name, value in fields.items() if value is not None and name not in _NO_FIELDS}
    # Lambda sets it anew for each invocation, so it is no setting.
    if xray := os.environ.get("_X_AMZN_TRACE_ID"):
        members["xray_trace_id"] = xray.partition(";")[0].removeprefix("Root=")
    return members


def _log(level: str, event: str, fields: dict[str, Any]) -> None:
    caller = sys._getframe(2)
    if request_id := context.current().request_id:
        fields = {"request_id": request_id, **fields}
    members = line(level, f"{caller.f_code.co_name}:{caller.f_lineno}", event, time.time(), fields)
    for heard in listeners:
        heard(level, caller, members)
    _write(members)


def _write(members: dict[str, Any]) -> None:
    """One write for a whole line, so that lines of several threads do not mix."""
    sys.stdout.write(wire.to_json(members, default=str) + "\n")
    sys.stdout.flush()


def _about(error: BaseException, trace: TracebackType | None) -> dict[str, Any]:
    frames = []
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}")
        trace = trace.tb_next
    return {"error": type(error).__name__, "at": frames[-6:]}


class _OfChalice(logging.Handler):
    """Writes what Chalice logs itself, of its own code's errors, as our own lines are."""

    def emit(self, record: logging.LogRecord) -> None:
        _, error, trace = record.exc_info or (None, None, None)
        location = f"{record.funcName}:{record.lineno}"
        fields = _about(error, trace) if error else {}
        _write(line(record.levelname, location, record.getMessage(), record.created, fields))


def _take_chalice() -> None:
    """Have Chalice's lines written by us alone: Lambda's runtime has a handler of its own at the root logger."""
    logger = logging.getLogger(APP)
    logger.propagate = False
    logger.addHandler(_OfChalice(wiring.LOGGING_LEVEL))


_take_chalice()
