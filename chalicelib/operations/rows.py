"""The row that `observe_stage` keeps in the table `guards`."""

from __future__ import annotations

from typing import TypedDict


class FiguresRow(TypedDict):
    """The latest figures, for whoever asks next: some 25 KB."""

    id: str
    schema: int
    made_at: int
    """Seconds since 1970."""
    figures: str
    """JSON."""
    expires_at: int
