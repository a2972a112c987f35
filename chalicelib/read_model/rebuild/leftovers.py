"""Ends a job whose pages come no more, and drops what such jobs, and those that ended in a crash, have left."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.core import clock, logs
from chalicelib.jobs import ENDED, jobs
from chalicelib.read_model.database import BUILDING, OLD
from chalicelib.read_model.rebuild.tables import NEW, SECONDS, drop_in
from chalicelib.read_model.statements import WRITER

if TYPE_CHECKING:
    from chalicelib.jobs.rows import Job
    from chalicelib.read_model.database import Database

DEAD_AFTER = timedelta(hours=1)
"""Since the job last changed. A page changes it when it begins and when it ends, which is within some minutes, and one
that waits for the database every half a minute."""

REASON = "no page of it was run for an hour"


def clear(database: Database) -> None:
    """Fail the latest job where it is dead, so that another may begin, and drop the tables beside those that are asked
    where no job fills them. Raises Unavailable where somebody still reads what is to be dropped."""
    latest = jobs().latest("rebuild")
    if latest is not None and _is_dead(latest):
        jobs().settle(latest["id"], status="failed", reason=REASON)
        logs.info("rebuild failed, as its pages come no more", job=latest["id"])
    with database.transaction(seconds=SECONDS) as transaction:
        transaction.run(WRITER)
        # Under this lock, for which the first step of whichever job begins now waits.
        latest = jobs().latest("rebuild")
        if latest is None or latest["status"] in ENDED:
            drop_in(transaction, NEW, BUILDING, OLD)


def _is_dead(job: Job) -> bool:
    return job["status"] not in ENDED and clock.parse(job["updated_at"]) < clock.now() - DEAD_AFTER
