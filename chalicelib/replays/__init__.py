"""Replays: the events of a range of time are sent again, to the topic or to one webhook, with their original ids.

A replay is a job. `lifecycle` starts, pauses, resumes and cancels it, `job_page` runs its job pages, one by one.
"""

from __future__ import annotations

from typing import Any

__all__ = ["run_page"]


def run_page(job_id: str, page_fields: dict[str, Any]) -> None:
    """Run one job page of a replay. See `job_page`."""
    from chalicelib.replays import job_page

    job_page.run_page(job_id, page_fields)
