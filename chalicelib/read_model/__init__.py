"""People and events in SQL: the consumer that writes them, searches, segments, and what makes them anew.

It is there only where the setting READ_MODEL is on. Nothing else waits for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.lazy import names_of

if TYPE_CHECKING:
    from chalicelib.read_model import segments
    from chalicelib.read_model.query import ask, queue_page, require
else:
    __getattr__ = names_of(__name__, {"ask": "query", "queue_page": "query", "require": "query", "segments": ""})

__all__ = ["ask", "queue_page", "require", "segments"]
