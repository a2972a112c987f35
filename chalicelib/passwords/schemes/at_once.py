"""How many password hashes are computed at once, because each may ask for a lot of memory."""

from __future__ import annotations

from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from chalicelib.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator


class AtOnce:
    """Turns for the threads of a process: so many at once, and so many seconds of waiting for one at most."""

    def __init__(self, most: int, *, seconds: float) -> None:
        self._turns = BoundedSemaphore(most)
        self._seconds = seconds

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One of the turns for the time of the block. Raises Unavailable where none became free in time."""
        if not self._turns.acquire(timeout=self._seconds):
            raise Unavailable("too many passwords are being checked")
        try:
            yield
        finally:
            self._turns.release()
