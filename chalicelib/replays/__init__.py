"""Replays: what was recorded in a range of time is sent again, to the topic or to one webhook, under the original ids.

A replay is a job. `control` begins, pauses, resumes and cancels it, `running` runs its pages, one after the other.
"""

from __future__ import annotations

from typing import Any

__all__ = ["run_page"]


def run_page(job_id: str, page: dict[str, Any]) -> None:
    """Run one page of a replay. See `running`."""
    from chalicelib.replays import running

    running.run_page(job_id, page)
