"""Structured logs and metrics: one JSON line each, on standard output, with the request that they belong to.

No line contains a secret or personal data: log ids, counts and reasons, never bodies, email addresses or names.

A line has the members that Powertools for AWS Lambda gives it, so that queries and tools for those read ours, and is
written by the standard library alone: loading Powertools takes a fifth of a function's cold start.
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
    from types import TracebackType

NAMESPACE = "Rollcall"
"""The namespace of all metrics. They are in CloudWatch's Embedded Metric Format: log lines from which CloudWatch makes
metrics."""

Unit = Literal["Count", "Seconds"]
SECONDS: Unit = "Seconds"

_CALLER = 2
"""How many stack frames up the caller is: a log line names the caller's line of code, not ours."""

_NO_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {
    *("message", "asctime", "taskName"),
    *("level", "location", "timestamp"),
}
"""The attributes that every record of `logging` has or gets, and members of the line that no field replaces."""


def info(event: str, **fields: Any) -> None:
    """Log that something happened: `event` is a few fixed words, `fields` what varies."""
    _logger.info(event, extra=_in_context(fields), stacklevel=_CALLER)


def warning(event: str, **fields: Any) -> None:
    """Log something that an operator may want to look into."""
    _logger.warning(event, extra=_in_context(fields), stacklevel=_CALLER)


def failure(event: str, error: BaseException, **fields: Any) -> None:
    """Log an unexpected error by its class and line of code. Its message may quote data, so it is left out."""
    _logger.error(event, extra=_in_context({**fields, **_about(error, error.__traceback__)}), stacklevel=_CALLER)


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


def line(record: logging.LogRecord) -> dict[str, Any]:
    """The members of a record's line, those without a value left out. Its time is RFC 3339, in UTC."""
    moment = datetime.fromtimestamp(record.created, UTC)
    members: dict[str, Any] = {
        "level": record.levelname,
        "location": f"{record.funcName}:{record.lineno}",
        "message": record.getMessage(),
        "timestamp": moment.isoformat(timespec="milliseconds"),
        "service": APP,
    }
    fields = vars(record).items()
    members |= {name: value for name, value in fields if name not in _NO_FIELDS and value is not None}
    if record.exc_info and record.exc_info[1]:  # of Chalice, which logs what its own code raises
        members |= _about(record.exc_info[1], record.exc_info[2])
    # Lambda sets it anew for each invocation, so it is no setting.
    if xray := os.environ.get("_X_AMZN_TRACE_ID"):
        members["xray_trace_id"] = xray.partition(";")[0].removeprefix("Root=")
    return members


class _StandardOutput(logging.Handler):
    """Writes records to what standard output is at that time: tests and benchmarks replace it."""

    def emit(self, record: logging.LogRecord) -> None:
        _write(line(record))


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


def _in_context(fields: dict[str, Any]) -> dict[str, Any]:
    caller = context.current()
    return {"request_id": caller.request_id, **fields} if caller.request_id else fields


def _new_logger() -> logging.Logger:
    """The logger, whose lines do not go to the root logger too: Lambda's runtime has a handler of its own there."""
    logger = logging.getLogger(APP)
    logger.setLevel(wiring.LOGGING_LEVEL)
    logger.propagate = False
    logger.addHandler(_StandardOutput())
    return logger


_logger = _new_logger()
