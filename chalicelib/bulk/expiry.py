"""Jobs that nobody will ever finish: an upload that did not come, a state machine that was stopped."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.core import clock, logs
from chalicelib.jobs import jobs
from chalicelib.jobs.store import ENDED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.core.dynamo import Item
    from chalicelib.jobs.store import Kind

ABANDONED_AFTER = timedelta(days=1)
"""Since the job last changed: a form for uploads lasts 15 minutes, a state machine's execution 6 hours."""

PAGES = 20
PAGE = 100
"""The newest 2,000 jobs of a kind are looked at: later days look at the others before their 30 days are over."""

REASONS = {
    "waiting": "it was not begun within a day",
    "running": "it did not finish within a day",
}


def fail_abandoned_jobs() -> None:
    """Fail imports and exports that have waited or run for more than a day."""
    kinds: tuple[Kind, ...] = ("import", "export")
    for kind in kinds:
        for job in _unfinished(kind):
            jobs().settle(job["id"], status="failed", reason=REASONS[job["status"]])
            logs.info("job abandoned", job=job["id"], kind=kind)


def _unfinished(kind: Kind) -> Iterator[Item]:
    limit = clock.timestamp(clock.now() - ABANDONED_AFTER)
    start = None
    for _ in range(PAGES):
        page = jobs().listing(kind, limit=PAGE, start=start)
        yield from (job for job in page.items if job["status"] not in ENDED and job["updated_at"] < limit)
        if page.next is None:
            return
        start = page.next
