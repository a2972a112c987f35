"""Optimistic concurrency: read, decide, write on the condition that the record is as it was read, and try again where
another writer was faster.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DynamoDBMapper.OptimisticLocking.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.core.aws.dynamo import ConditionFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Result = TypeVar("Result")

ATTEMPTS = 5
"""Of all that write one record at the same time, one succeeds in each round, so five at once all succeed. More than
these should come later. A request of 29 seconds has time for far more than five rounds. Loops that do more between
their attempts than try again have this limit too."""


def optimistic(
    attempt: Callable[[Any], Result],
    record: Mapping[str, Any] | None = None,
    *,
    exhausted: Exception,
    lost: type[Exception] = ConditionFailed,
) -> Result:
    """Call `attempt` until it does not raise `lost`, at most five times, without a wait, and return its result.

    `attempt` gets the record as it is now: first `record`, then the stored item of the failed condition (None where
    there is none, or the error has none). An attempt that reads for itself ignores it. Raises `exhausted` after the
    last one.
    """
    for _ in range(ATTEMPTS):
        try:
            return attempt(record)
        except lost as failure:
            record = failure.item if isinstance(failure, ConditionFailed) else None
    raise exhausted
