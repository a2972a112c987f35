"""Statistics, counted from events: how many people there are, and what happened in each hour and day."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.events import Event

__all__ = ["counters_of", "is_forgotten", "was_counted"]


def counters_of(event: Event) -> list[str]:
    """The names of the counters that an event changes."""
    from chalicelib.insights import counted

    return sorted(key.partition("/")[2] for key in counted.counters_of(event))


def was_counted(event: Event) -> bool:
    """Whether an event was counted, as far as its mark is still there: one read."""
    from chalicelib.insights.store import counters

    return counters().was_counted(event)


def is_forgotten(event: Event) -> bool:
    """Whether an event is older than the marks of counted ones are kept."""
    from datetime import timedelta

    from chalicelib.core import clock
    from chalicelib.insights.store import SEEN_DAYS

    return clock.parse(event["time"]) < clock.now() - timedelta(days=SEEN_DAYS)
