"""End jobs that nothing else will end, because an upload did not come or a state machine was stopped."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from chalicelib.core import clock, logs
from chalicelib.core.errors import Unavailable
from chalicelib.exports.clearing import clear_export
from chalicelib.imports import upload_forms
from chalicelib.imports.clearing import drop_chunks
from chalicelib.imports.progress import counted
from chalicelib.jobs import ENDED, jobs, state_machines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.jobs.rows import Job, Kind

ABANDONED_AFTER = timedelta(days=1)
"""Since the job last changed: a form for uploads lasts 15 minutes, a state machine's execution 6 hours."""

REASONS = {
    "waiting": "it was not begun within a day",
    "running": "it did not finish within a day",
}

S3_EVENT_DELAY = timedelta(minutes=10)
"""How long to wait for the event of an object. S3 sends it within seconds, sometimes after a minute or longer:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html"""

KINDS: tuple[Literal["import", "export"], ...] = ("import", "export")

DEAD = frozenset({"FAILED", "TIMED_OUT", "ABORTED"})
"""The statuses of an execution whose last step may not have run, so that nothing ended the job."""

LOOKED_AT = 100
"""Executions of a kind that one run reads. Step Functions describes 10 to 15 a second, after a burst of 250 or more:
https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"""


def fail_dead_jobs() -> None:
    """Fail imports and exports whose state machine ended without ending them: it was stopped, ran out of time, or hit
    a limit of Step Functions. What they did is counted and not undone."""
    for kind in KINDS:
        unfinished = sorted(_unfinished(kind, clock.timestamp()), key=lambda job: str(job["status"]))
        for listed in islice(unfinished, LOOKED_AT):
            status = state_machines.outcome(kind, listed["id"], listed.get("run", ""))
            if status in DEAD:
                _fail(kind, listed, status)
            elif status is None and _never_came(listed):
                jobs().settle(listed["id"], status="failed", reason=upload_forms.EXPIRED)
                logs.info("job without its file", job=listed["id"])


def _never_came(job: Job) -> bool:
    """Whether a job waits for a file, its form has expired, and the event of an upload in time would have come."""
    form = job.get("form")
    return (
        job["status"] == "waiting"
        and form is not None
        and upload_forms.has_expired(form, clock.now() - S3_EVENT_DELAY)
    )


def _fail(kind: Kind, listed: Job, status: str) -> None:
    """Fail a job, unless it has ended, or begun another run, since it was listed."""
    job = jobs().get(listed["id"], kind)
    if job["status"] in ENDED or job.get("run") != listed.get("run"):
        return
    changes: dict[str, Any] = {"status": "failed", "reason": f"its state machine ended without it ({status})"}
    if kind == "import" and "run" not in job:
        counts, notes = counted(job)
        changes |= {"counts": counts.stored(), "notes": notes.stored()}
    try:
        jobs().change_as_read(job, **changes)
    except Unavailable:
        return
    logs.info("job failed with its state machine", job=job["id"], kind=kind, status=status)
    if kind == "export":
        clear_export(job)
    elif "chunks" in job:
        drop_chunks(job, job.get("run", ""))


def fail_abandoned_jobs() -> None:
    """Fail imports and exports that have waited or run for more than a day."""
    limit = clock.timestamp(clock.now() - ABANDONED_AFTER)
    for kind in KINDS:
        for job in _unfinished(kind, limit):
            jobs().settle(job["id"], status="failed", reason=REASONS[job["status"]])
            logs.info("job abandoned", job=job["id"], kind=kind)


def _unfinished(kind: Kind, before: str) -> Iterator[Job]:
    """Jobs that have not ended and last changed before a timestamp."""
    return (job for job in jobs().newest(kind) if job["status"] not in ENDED and job["updated_at"] < before)
