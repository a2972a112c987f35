"""Time, in one place, so that tests can hold it still."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_held: datetime | None = None


def now() -> datetime:
    """The present, in UTC."""
    return _held if _held is not None else datetime.now(UTC)


def epoch() -> int:
    """Whole seconds since 1970, the form DynamoDB's TTL reads."""
    return int(_held.timestamp() if _held is not None else time.time())


def timestamp(moment: datetime | None = None) -> str:
    """RFC 3339 in UTC with milliseconds, `2026-01-31T12:00:00.000Z`; sorts as text."""
    moment = moment or _held
    if moment is None:
        return _of_millisecond(time.time_ns() // 1_000_000)
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


@lru_cache(maxsize=1)
def _of_millisecond(milliseconds: int) -> str:
    """The time of so many since 1970. An import makes twenty rows in each."""
    return timestamp(datetime.fromtimestamp(milliseconds / 1000, UTC))


def timestamp_of(epoch: int) -> str:
    """The timestamp of so many seconds since 1970."""
    return timestamp(datetime.fromtimestamp(epoch, UTC))


def parse(text: str) -> datetime:
    """The time of an RFC 3339 text, in UTC. Raises ValueError where it is not one, or has no offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"no UTC offset in {text!r}")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text!r} is beyond the years 1 to 9999") from None


def running() -> float:
    """Seconds of a monotonic clock, for the time between two calls in one process."""
    return _held.timestamp() if _held is not None else time.monotonic()


def wait_until(moment: float) -> None:
    """Return when `running()` has reached that moment. A held clock is moved there, without waiting."""
    global _held
    if _held is not None:
        _held = max(_held, datetime.fromtimestamp(moment, UTC))
    else:
        time.sleep(max(0.0, moment - running()))


@contextmanager
def held(moment: datetime) -> Iterator[None]:
    """Hold the clock at `moment` while the block runs."""
    global _held
    before, _held = _held, moment
    try:
        yield
    finally:
        _held = before


def tick(**delta: float) -> None:
    """Move a held clock: `tick(seconds=5)` takes what `timedelta` takes."""
    global _held
    if _held is None:
        raise RuntimeError("the clock is not held")
    _held += timedelta(**delta)
