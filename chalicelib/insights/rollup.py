"""Every hour, counts move from the tallies to the rows of their days, their months and the total."""

from __future__ import annotations

from chalicelib.core import logs
from chalicelib.insights.store import counters


def roll_up() -> None:
    """Roll up what was counted since the last time."""
    logs.info("rolled up", counts=counters().roll_up())
