"""Optimistic concurrency: read, decide, write on condition of what was read, and again where somebody was faster.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DynamoDBMapper.OptimisticLocking.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.core.aws.dynamo import ConditionFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Done = TypeVar("Done")

ATTEMPTS = 5
"""Of those who write one record at the same time, one gets through in each round: so five at once all do. Who comes
after them had better come later, and the 29 seconds of a request hold five rounds many times over."""


def optimistic(
    attempt: Callable[[Any], Done],
    present: Mapping[str, Any] | None = None,
    *,
    exhausted: Exception,
    lost: type[Exception] = ConditionFailed,
) -> Done:
    """What `attempt` gives, tried five times at most, for as long as it raises `lost`; without a wait.

    It gets the record as it is at present: first the one that is given here, then what the failed condition met (None
    where there is none any more, or nothing was met). One that reads for itself ignores it. Raises `exhausted` after
    the last.
    """
    for _ in range(ATTEMPTS):
        try:
            return attempt(present)
        except lost as refusal:
            present = refusal.item if isinstance(refusal, ConditionFailed) else None
    raise exhausted
