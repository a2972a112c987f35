"""Segments: filters with a name. What they are, who is in them, who comes and goes, and what is done with all of them.

`definitions` and `routes` are for administrators; `evaluation` and `hourly` find who enters and who leaves; `selecting`
names the people of a filter; `changes` patches many.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core.lazy import names_of

if TYPE_CHECKING:
    from chalicelib.read_model.segments.changes import run_page
    from chalicelib.read_model.segments.definitions import segment_for
    from chalicelib.read_model.segments.evaluation import evaluate
    from chalicelib.read_model.segments.hourly import evaluate_all
    from chalicelib.read_model.segments.selecting import select, select_slice
    from chalicelib.read_model.segments.selection import select_people
else:
    __getattr__ = names_of(
        __name__,
        {
            "run_page": "changes",
            "evaluate": "evaluation",
            "evaluate_all": "hourly",
            "segment_for": "definitions",
            "select": "selecting",
            "select_people": "selection",
            "select_slice": "selecting",
        },
    )

__all__ = ["evaluate", "evaluate_all", "run_page", "segment_for", "select", "select_people", "select_slice"]
