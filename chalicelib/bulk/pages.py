"""Pages of long jobs and of a day's work, from the `jobs` queue: each runs one page.

What runs it ends the job, and gives the page that follows to be queued at once, or queues it itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chalicelib import replays
from chalicelib.bulk.erasure import erase_page
from chalicelib.core import batch, logs
from chalicelib.core.errors import Malformed, NotFound
from chalicelib.jobs import jobs, queue_page
from chalicelib.jobs.store import ENDED

Run = Callable[[str, dict[str, Any]], dict[str, Any] | None]

_RUN: dict[str, Run] = {
    "replay": replays.run_page,
    "erasure": erase_page,
}

REPEATED = frozenset({"erasure"})
"""Kinds whose pages run after their job's end too: for what came late, and after a restore."""


def run_job_pages(event: dict[str, Any]) -> None:
    """Run the pages in SQS messages. Raises Transient where one must come again; a page is repeatable."""
    batch.from_queue("jobs", event, _run)


def _run(message: batch.Message) -> None:
    document = message.json()
    try:
        job_id, kind, page = document["job"], document["kind"], document["page"]
        run = _DAILY.get(kind) or _RUN[kind]
    except (TypeError, KeyError) as error:
        raise Malformed("not a page of a job that has pages") from error
    if kind in _DAILY:
        _run_page(run, job_id, kind, page)
        return
    try:
        job = jobs().get(job_id, kind)
    except NotFound:  # it was queued for a job that was then not made
        logs.info("page without a job", job=job_id)
        return
    if job["status"] in ENDED and kind not in REPEATED:
        return
    _run_page(run, job_id, kind, page)


def _run_page(run: Run, job_id: str, kind: Any, page: dict[str, Any]) -> None:
    following = run(job_id, page)
    if following is not None:
        queue_page(job_id, kind, following)


def _celebrate(day: str, page: dict[str, Any]) -> dict[str, Any] | None:
    from chalicelib.accounts.birthdays import celebrate_page

    return celebrate_page(day, page)


_DAILY: dict[str, Run] = {"birthdays": _celebrate}
