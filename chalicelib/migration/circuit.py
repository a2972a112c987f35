"""Stops asking an old system that does not answer.

Each process counts for itself, by no call: it meets the failures anyway, and what it saves is its own time. So an old
system that is down is asked by each process a few times, and then once in a while.
"""

from __future__ import annotations

from chalicelib.core import clock
from chalicelib.core.aws import clients

FAILURES = 5
"""In a row, after which nobody is asked for a while. Only a system that does not answer counts, and not what it says:
wrong passwords, however many, keep nobody else out."""

PAUSE_SECONDS = 30
"""After which one question finds out whether the old system answers again."""


class Circuit:
    """Open while the old system is not asked."""

    def __init__(self) -> None:
        self._failures = 0
        self._opened_at = 0.0

    @property
    def is_open(self) -> bool:
        return self._failures >= FAILURES and clock.running() < self._opened_at + PAUSE_SECONDS

    def failed(self) -> None:
        """Count that the old system did not answer."""
        self._failures += 1
        self._opened_at = clock.running()

    def answered(self) -> None:
        """Begin anew: the old system answers."""
        self._failures = 0


@clients.once
def circuit() -> Circuit:
    """The circuit of this process."""
    return Circuit()
