"""Replays: what was recorded in a range of time is sent again, to the topic or to one webhook, under the original ids.

A replay is a job. `lifecycle` begins, pauses, resumes and cancels it, `job_page` runs its pages, one after the other.
"""

from __future__ import annotations

from typing import Any

__all__ = ["run_page"]


def run_page(job_id: str, page: dict[str, Any]) -> None:
    """Run one page of a replay. See `job_page`."""
    from chalicelib.replays import job_page

    job_page.run_page(job_id, page)
