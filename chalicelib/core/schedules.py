"""What a schedule sets going is several things that know nothing of each other."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def run_each(*steps: Callable[[], object]) -> None:
    """Run every step, in order, whatever becomes of those before it. Raises what the last one raised that failed."""
    with ExitStack() as stack:
        for step in reversed(steps):
            stack.callback(step)
