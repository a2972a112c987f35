"""A function as Lambda invokes it: JSON in, JSON out, and an error or a crash is a failed invocation."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.functional.faults import Crash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.simulation.process import Process


class Failed(Exception):
    """The invocation failed: the function raised, crashed, or answered what is no JSON."""


class Function:
    """A handler `(event, context)`, counted. With a `process` its AWS calls can go wrong."""

    def __init__(self, name: str, handler: Callable[[Any, Any], Any], process: Process | None = None) -> None:
        self.name = name
        self.invocations = 0
        self._handler = handler
        self._process = process

    def invoke(self, event: Any) -> Any:
        """One invocation: its answer. Raises Failed."""
        self.invocations += 1
        given = json.loads(json.dumps(event))
        try:
            if self._process is None:
                answer = self._handler(given, None)
            else:
                with self._process.working(self.name, _work(given)):
                    answer = self._handler(given, None)
            return json.loads(json.dumps(answer))
        except (Exception, Crash) as error:
            raise Failed(self.name) from error


def _work(event: Any) -> str:
    """What an event asks for, the same when it comes again: the ids of its records, or all of it."""
    records = event.get("Records") if isinstance(event, dict) else None
    ids = [record.get("messageId") or record.get("dynamodb", {}).get("SequenceNumber") for record in records or ()]
    return " ".join(ids) if ids and all(ids) else json.dumps(event, sort_keys=True)


ALL = None
"""Every record of the batch failed."""


def reported(answer: Any, known: Iterable[str]) -> set[str] | None:
    """The records that a function with `ReportBatchItemFailures` says have failed, or ALL where it says so badly.

    An empty or null answer, and an empty or null list, are complete success. An identifier that is empty, null, under
    a wrong key or of no record of the batch makes the batch a complete failure:
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
    https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
    """
    if not answer:
        return set()
    if not isinstance(answer, dict):
        return ALL
    failures = answer.get("batchItemFailures")
    if not failures:
        return set()
    if not isinstance(failures, list):
        return ALL
    names = {entry.get("itemIdentifier") if isinstance(entry, dict) else None for entry in failures}
    failed = {name for name in known if name in names}
    return failed if failed == names else ALL
