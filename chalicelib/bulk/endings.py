"""Ending a job once, whichever of several runs of the same step comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core.errors import Conflict, Unavailable
from chalicelib.jobs import jobs
from chalicelib.jobs.store import ENDED

if TYPE_CHECKING:
    from chalicelib.core.dynamo import Item


def end(job_id: str, **ending: Any) -> Item:
    """The job with this `status` and what else belongs to its end, or as it ended before.

    Raises Unavailable where others keep changing it.
    """
    try:
        return jobs().change(job_id, **ending)
    except Conflict as conflict:
        job = jobs().get(job_id)
        if job["status"] not in ENDED:
            raise Unavailable("the job is being changed by others") from conflict
        return job
