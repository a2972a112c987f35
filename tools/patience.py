"""How long a command waits for AWS, and how often it repeats a call."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

POLL_SECONDS = 0.5
"""In the local cloud a stack takes seconds; on AWS the pause grows to five."""

TRIES = 8
"""Attempts of a call that AWS throttles, within a minute and a half at most."""

_THROTTLED = {"Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException"}
_RANDOM = secrets.SystemRandom()


class Patience:
    """Waits with `pause`, and reads the time with `now`, both in seconds."""

    def __init__(
        self, pause: Callable[[float], None] = time.sleep, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._pause, self._now = pause, now

    def call(self, client: Any, operation: str, **arguments: Any) -> Any:
        """Call AWS, and repeat the call after a growing random pause where AWS throttles it: other deployments share
        the quota."""
        for attempt in range(TRIES):
            try:
                return getattr(client, operation)(**arguments)
            except ClientError as error:
                if error.response["Error"]["Code"] not in _THROTTLED or attempt == TRIES - 1:
                    raise
            self._pause(_RANDOM.uniform(0, min(30.0, 2.0**attempt)))
        raise AssertionError("unreachable")

    def polls(self, seconds: float) -> Iterator[None]:
        """Yields until `seconds` are over, with a pause in between that grows each time."""
        deadline, pause = self._now() + seconds, POLL_SECONDS
        while self._now() < deadline:
            yield
            self._pause(pause * _RANDOM.uniform(0.8, 1.2))
            pause = min(pause * 1.2, 5.0)
