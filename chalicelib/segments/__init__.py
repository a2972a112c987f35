"""The table `segments`: filters with a name, and who is in each of them. `read_model` evaluates them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.lazy import names_of

if TYPE_CHECKING:
    from chalicelib.segments import model
    from chalicelib.segments.store import Segments, changes, erase, held_about, scanned, segments
else:
    __getattr__ = names_of(
        __name__,
        {
            "Segments": "store",
            "changes": "store",
            "erase": "store",
            "held_about": "store",
            "model": "",
            "scanned": "store",
            "segments": "store",
        },
    )

__all__ = ["Segments", "changes", "erase", "held_about", "model", "scanned", "segments"]
