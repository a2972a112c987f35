"""Begin and cancel a job that makes the read model anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core import ids
from chalicelib.core.aws import clients
from chalicelib.core.aws.dynamo import TransactionRefused
from chalicelib.core.errors import Conflict
from chalicelib.jobs import jobs
from chalicelib.read_model.query import queue_page, require
from chalicelib.read_model.rebuild.model import STEPS

if TYPE_CHECKING:
    from chalicelib.jobs.rows import Job
    from chalicelib.read_model.rebuild.model import Purpose


def start(purpose: Purpose, *, mend: bool = False) -> Job:
    """Begin a job that swaps new tables in, or that compares them with those that are asked and, if it is to `mend`,
    swaps them in where something differs. Returns the job.

    Raises NotFound where the stage has no read model, Conflict where another such job has not ended. After a crash
    before its first page is queued it waits until it is cancelled, or failed by the hourly maintenance (`leftovers`).
    """
    require()
    options = {"purpose": purpose, "mend": mend}
    reached = {"step": STEPS[0], "cursor": None}
    job = jobs().new("rebuild", ids.new_id(), options=options, reached=reached, turn=0, counts={})
    actions = {"job": jobs().creating(job), "turn": jobs().taking_turn(job)}
    try:
        clients.database().transact(actions)
    except TransactionRefused:
        raise Conflict("another such job has begun meanwhile") from None
    queue(job["id"], 0)
    return job


def cancel(job_id: str) -> Job:
    """End a job, after at most half a minute of work that is on its way; what it has made is dropped then. Raises
    NotFound, and Conflict where it has ended otherwise."""
    job = jobs().get(job_id, "rebuild")
    if job["status"] != "cancelled":
        job = jobs().change(job_id, status="cancelled")
    queue(job_id, job["turn"])
    return job


def queue(job_id: str, turn: int, delay_seconds: int = 0) -> None:
    """Queue a page of the job for `on_read_model`. A page may come twice."""
    queue_page(job_id, "rebuild", {"turn": turn}, delay_seconds)
