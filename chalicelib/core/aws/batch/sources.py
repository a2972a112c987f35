"""Records of SNS, S3 and Kinesis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.core.aws.batch.parking import described, park
from chalicelib.core.aws.batch.runs import records_of, report, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.core.aws.batch.runs import Finish

Result = TypeVar("Result")


def from_source(
    source: str,
    name: str,
    event: dict[str, Any],
    handle: Callable[[dict[str, Any]], Result],
    describe: Callable[[dict[str, Any]], Any],
    finish: Finish[Result] | None = None,
) -> None:
    """Handle the records of an SNS, S3 or Kinesis `event`: `source` is for example `aws:sns`, `name` a part of its ARN.

    `describe` returns what is stored of a parked record: keys, never contents.
    `finish` is that of `from_queue`.
    """
    records = records_of(event, source, name)
    outcome = run(records, handle, finish)
    if outcome.again:
        outcome.parked.clear()
    for record, why in outcome.parked:
        park(source, described(describe, record), why)
    report(source, outcome)
