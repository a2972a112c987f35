"""Structured logs and metrics: one JSON line each, on standard output, with the request that they belong to.

No line contains a secret or personal data: log ids, counts and reasons, never bodies, email addresses or names.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from chalicelib.core import context, wire, wiring
from chalicelib.core.names import APP

NAMESPACE = "Rollcall"
"""The namespace of all metrics. They are in CloudWatch's Embedded Metric Format: log lines from which CloudWatch makes
metrics."""

SECONDS = MetricUnit.Seconds

_logger = Logger(service=APP, use_rfc3339=True, utc=True, json_serializer=partial(wire.to_json, default=str))

_CALLER = 3
"""How many stack frames up the caller is: a log line names the caller's line of code, not Powertools' or ours."""


def info(event: str, **fields: Any) -> None:
    """Log that something happened: `event` is a few fixed words, `fields` what varies."""
    _logger.info(event, extra=_in_context(fields), stacklevel=_CALLER)


def warning(event: str, **fields: Any) -> None:
    """Log something that an operator may want to look into."""
    _logger.warning(event, extra=_in_context(fields), stacklevel=_CALLER)


def failure(event: str, error: BaseException, **fields: Any) -> None:
    """Log an unexpected error by its class and line of code. Its message may quote data, so it is left out."""
    frames = []
    trace = error.__traceback__
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}")
        trace = trace.tb_next
    details = _in_context({**fields, "error": type(error).__name__, "at": frames[-6:]})
    _logger.error(event, extra=details, stacklevel=_CALLER)


def count(metric: str, value: float = 1, *, unit: MetricUnit = MetricUnit.Count, **dimensions: str) -> None:
    """Emit one metric, with the stage as a dimension beside those given."""
    with single_metric(name=metric, unit=unit, value=value, namespace=NAMESPACE) as emitted:
        emitted.add_dimension("stage", wiring.STAGE)
        for name, text in dimensions.items():
            emitted.add_dimension(name, text)


def _in_context(fields: dict[str, Any]) -> dict[str, Any]:
    caller = context.current()
    return {**({"request_id": caller.request_id} if caller.request_id else {}), **fields}
