"""When a call is made again, and after which wait: as botocore's `standard` mode does it.

https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock

if TYPE_CHECKING:
    from chalicelib.core.aws.calls.messages import Response

TRANSIENT_CODES = frozenset({"RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete"})
TRANSIENT_STATUSES = frozenset({500, 502, 503, 504})

MODELLED = frozenset({"ReplicatedWriteConflictException"})
"""Errors of which the models of our operations say that the call may be repeated."""

THROTTLED = frozenset(
    {
        *("Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException"),
        *("TooManyRequestsException", "ProvisionedThroughputExceededException", "RequestThrottled"),
        *("TransactionInProgressException", "RequestLimitExceeded", "BandwidthLimitExceeded"),
        *("LimitExceededException", "SlowDown", "PriorRequestNotComplete", "EC2ThrottledException"),
    }
)

THROTTLED_SECONDS, SECONDS, DYNAMODB_SECONDS = 1.0, 0.05, 0.025
"""The longest first wait after a throttle, and after another failure."""

LONGEST_SECONDS = 20.0
MORE_SECONDS = 5.0
"""How much longer than its own wait a service may ask for, in `x-amz-retry-after`."""

QUOTA = 500
COST, THROTTLED_COST = 14, 5


class Quota:
    """How many further attempts a client may still make. Each costs some; good calls bring it back. So a service that
    fails altogether is not asked three times as often."""

    def __init__(self) -> None:
        self._left = QUOTA
        self._lock = Lock()

    def take(self, cost: int) -> bool:
        with self._lock:
            if cost > self._left:
                return False
            self._left -= cost
            return True

    def give_back(self, cost: int) -> None:
        if self._left < QUOTA:
            with self._lock:
                self._left = min(QUOTA, self._left + cost)


@dataclass
class Outcome:
    """Of one attempt: the response and what it says, or the error of the connection."""

    response: Response | None
    parsed: dict[str, Any]
    failure: Exception | None = None

    @property
    def status(self) -> int:
        return self.response.status if self.response else 0

    @property
    def code(self) -> str:
        """The error's code, where AWS answered with one."""
        return str(self.parsed["Error"].get("Code", "")) if "Error" in self.parsed else ""

    @property
    def is_throttled(self) -> bool:
        return self.code in THROTTLED or (self.status == 429 and self.code not in MODELLED)

    @property
    def may_be_gone(self) -> bool:
        """Whether what went wrong may be gone at the next attempt."""
        if self.failure or self.status in TRANSIENT_STATUSES or self.code in TRANSIENT_CODES | MODELLED:
            return True
        return self.is_throttled

    def wait_seconds(self, attempt: int, first: float) -> float:
        """How long to wait after this attempt (the first is 1): a random part of a time that doubles with each."""
        longest = (THROTTLED_SECONDS if self.is_throttled else first) * (1 << attempt - 1)
        own = random.random() * min(longest, LONGEST_SECONDS)  # noqa: S311 - no secret
        asked = self.response.headers.get("x-amz-retry-after", "") if self.response else ""
        return max(own, min(int(asked) / 1000, own + MORE_SECONDS)) if asked.isdecimal() else own


class Attempts:
    """The attempts of one call, at most `most`. The first wait is `first` seconds at most, unless it was throttled."""

    def __init__(self, most: int, first: float, quota: Quota) -> None:
        self.count = 1
        self._most = most
        self._first = first
        self._quota = quota
        self._taken = 1

    @property
    def metadata(self) -> dict[str, Any]:
        """What a reply's metadata says of them."""
        reached = {"MaxAttemptsReached": True} if self.count >= self._most else {}
        return {"RetryAttempts": self.count - 1, **reached}

    def go_on(self, outcome: Outcome) -> bool:
        """Whether another attempt is to be made, after the wait that it needs."""
        if outcome.failure is None and outcome.status < 300:
            self._quota.give_back(self._taken)
            return False
        cost = THROTTLED_COST if outcome.is_throttled else COST
        if not outcome.may_be_gone or self.count >= self._most or not self._quota.take(cost):
            return False
        clock.wait_until(clock.running() + outcome.wait_seconds(self.count, self._first))
        self.count, self._taken = self.count + 1, cost
        return True
