"""What this process remembers of the connections: for pages, which must cost no call and wait for no client of AWS."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.core import clock
from chalicelib.core.settings import settings

SECONDS = 60
"""How long a process goes by what it has read of the connections."""


@dataclass
class Noted:
    """Whether people may come by any connection, as read last."""

    read_at: int | None = None
    some: bool = False

    def note(self, some: bool) -> None:
        """Take note of what has just been read."""
        self.read_at, self.some = clock.epoch(), some

    def clear(self) -> None:
        """Take note of a change: what was read does not count any more."""
        self.read_at = None

    @property
    def none(self) -> bool:
        """Whether it is known that there is none."""
        return self.read_at is not None and not self.some and 0 <= clock.epoch() - self.read_at < SECONDS


@settings.once
def noted() -> Noted:
    """The note of this process."""
    return Noted()
