"""Job pages from the `jobs` queue, of long jobs and of a day's work: each message runs one page.

The function that runs a page ends the job, returns the next page to be queued at once, or queues it itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib import replays, sessions
from chalicelib.birthdays import celebrate_page
from chalicelib.core import logs
from chalicelib.core.aws import batch
from chalicelib.core.errors import Malformed, NotFound
from chalicelib.jobs import ENDED, jobs, queue_page
from chalicelib.privacy.erasure import erase_page
from chalicelib.read_model import segments

if TYPE_CHECKING:
    from collections.abc import Callable

_RUN: dict[str, Callable[[str, dict[str, Any]], dict[str, Any] | None]] = {
    "replay": replays.run_page,
    "erasure": erase_page,
    "birthdays": celebrate_page,
    "hashes": sessions.look_page,
    "changes": lambda job_id, job_page: segments.run_page(job_id, job_page),
}

JOBLESS = frozenset({"birthdays", "hashes"})
"""Kinds of pages without a job. They have the day in place of the job's id."""

REPEATED = frozenset({"erasure", "changes"})
"""Kinds whose pages run after their job's end too: for rows that came late, after a restore, and for the report of one
that was cancelled."""


def run_job_pages(event: dict[str, Any]) -> None:
    """Run the job pages in SQS messages. Raises Transient if one must be received again; a page can be repeated."""
    batch.from_queue("jobs", event, _run)


def _run(message: batch.Message) -> None:
    document = message.json()
    try:
        job_id, kind, job_page = document["job"], document["kind"], document["page"]
        run = _RUN[kind]
    except (TypeError, KeyError) as error:
        raise Malformed("not a page of a job that has pages") from error
    if kind not in JOBLESS and not _goes_on(job_id, kind):
        return
    next_page = run(job_id, job_page)
    if next_page is not None:
        queue_page(job_id, kind, next_page)


def _goes_on(job_id: str, kind: Any) -> bool:
    """Whether the job exists, and has not ended or is of a repeated kind."""
    try:
        job = jobs().get(job_id, kind)
    except NotFound:  # it was queued for a job that was then not made
        logs.info("page without a job", job=job_id)
        return False
    return job["status"] not in ENDED or kind in REPEATED
