"""Handles the records of a batch one by one, and finishes their results together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

from chalicelib.core import logs
from chalicelib.core.aws.batch.failures import is_transient, reason
from chalicelib.core.aws.parallel import WRITERS, in_parallel
from chalicelib.core.errors import Malformed, Postponed, Refused, Transient

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

Record = dict[str, Any]
Result = TypeVar("Result")

if TYPE_CHECKING:
    Finish: TypeAlias = Callable[[list[Result]], Sequence[Exception | None] | None]
    """Finishes results together, all or none; or returns for each the error that it ended in, or None."""


@dataclass
class Outcome:
    """What became of the records of a batch."""

    done: list[Record] = field(default_factory=list)
    parked: list[tuple[Record, str]] = field(default_factory=list)
    """Each with the reason."""
    again: list[tuple[Record, Exception]] = field(default_factory=list)
    """Each with the reason why it must come again."""
    later: list[tuple[Record, int]] = field(default_factory=list)
    """Each with the seconds to wait."""

    def settle(self, record: Record, error: Exception | None) -> None:
        """A record is done, or comes again, or is parked, by the error that its handling or finishing ended in."""
        if error is None:
            self.done.append(record)
        elif is_transient(error):
            self.again.append((record, error))
        else:
            self.refuse(record, error)

    def refuse(self, record: Record, error: Exception) -> None:
        """Have a record parked that can never succeed."""
        if not isinstance(error, Refused):
            logs.failure("record parked", error)
        self.parked.append((record, reason(error)))


def run(
    records: Sequence[Record],
    handle: Callable[[Record], Result],
    finish: Finish[Result] | None,
    *,
    workers: int = 1,
    together: int = 0,
    may_wait: Callable[[Record], bool] = lambda _: False,
) -> Outcome:
    """Handle each record, `workers` at once, then `finish` the results of those that succeeded: a record is done only
    when that returns. `together` is that of `from_queue`."""

    def attempt(record: Record) -> tuple[Result | None, Exception | None]:
        try:
            return handle(record), None
        except Exception as error:
            return None, error

    outcome = Outcome()
    handled: list[tuple[Record, Result]] = []
    attempts = map(attempt, records) if workers == 1 else in_parallel(attempt, records, workers)
    for record, (result, error) in zip(records, attempts, strict=True):
        if error is None:
            handled.append((record, cast("Result", result)))
        elif isinstance(error, Postponed) and may_wait(record):
            outcome.later.append((record, error.seconds))
        else:
            outcome.settle(record, error)
    if finish is None:
        outcome.done += [record for record, _ in handled]
    elif 0 < together < len(handled):
        groups = [handled[start : start + together] for start in range(0, len(handled), together)]
        in_parallel(lambda group: _finish(group, finish, outcome), groups, WRITERS)
    elif handled:
        _finish(handled, finish, outcome)
    return outcome


def _finish(handled: Sequence[tuple[Record, Result]], finish: Finish[Result], outcome: Outcome) -> None:
    """Finish records together. Where that can never succeed, one of them is at fault: each half is finished by itself,
    until that record is found and parked. So a neighbour may be finished several times, and there are at most twice as
    many calls as records; every effect of a record is idempotent."""
    try:
        errors = finish([result for _, result in handled])
    except Exception as error:
        middle = len(handled) // 2
        if is_transient(error):
            outcome.again += [(record, error) for record, _ in handled]
        elif middle:
            _finish(handled[:middle], finish, outcome)
            _finish(handled[middle:], finish, outcome)
        else:
            outcome.refuse(handled[0][0], error)
    else:
        for (record, _), error_of_one in zip(handled, errors or [None] * len(handled), strict=True):
            outcome.settle(record, error_of_one)


def report(source: str, outcome: Outcome) -> None:
    counts = {name: len(getattr(outcome, name)) for name in ("done", "parked", "again", "later")}
    logs.info("batch", source=source, **counts)
    if outcome.parked:
        logs.count("Parked", len(outcome.parked), source=source)
    if outcome.again:
        logs.count("Retried", len(outcome.again), source=source)
        _, first = outcome.again[0]
        logs.failure("batch must come again", first, source=source, reason=reason(first))
        raise Transient(f"{len(outcome.again)} records of {source} must come again") from first


def records_of(event: dict[str, Any], source: str, name: str) -> list[dict[str, Any]]:
    """The records of an event from that source. Raises Malformed for an event from any other source."""
    records = event.get("Records") if isinstance(event, dict) else None
    if not isinstance(records, list):
        raise Malformed(f"not an event of {source}: it has no Records")
    for record in records:
        if not isinstance(record, dict) or not _is_from(record, source, name):
            raise Malformed(f"not an event of {source} {name}")
    return records


def _is_from(record: dict[str, Any], source: str, name: str) -> bool:
    origin = record.get("eventSource") or record.get("EventSource")
    arn = record.get("eventSourceARN") or record.get("EventSubscriptionArn")
    for part in ("s3", "bucket", "name") if not arn else ():
        record = record.get(part) if isinstance(record, dict) else None  # type: ignore[assignment]
        arn = record
    return origin == source and isinstance(arn, str) and name in f"{arn}/"
