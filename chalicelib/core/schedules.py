"""Runs several independent steps of one schedule."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def run_each(*steps: Callable[[], object]) -> None:
    """Run every step, in order, even where earlier ones fail. Raises the error of the last one that failed."""
    with ExitStack() as stack:
        for step in reversed(steps):
            stack.callback(step)
