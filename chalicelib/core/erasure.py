"""What each domain returns from a step in which it erased rows about a person."""

from __future__ import annotations

from typing import NamedTuple


class Erased(NamedTuple):
    """How many rows a step deleted or redacted, and whether none remain."""

    rows: int
    done: bool
