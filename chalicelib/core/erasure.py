"""What each domain tells of a step in which it erased rows about somebody."""

from __future__ import annotations

from typing import NamedTuple


class Erased(NamedTuple):
    """How many rows a step removed or redacted, and whether none was left after it."""

    rows: int
    done: bool
