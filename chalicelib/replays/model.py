"""How fast a replay goes, and which of its job pages are to be run. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core import clock

if TYPE_CHECKING:
    from chalicelib.jobs.rows import Job

PAGE_EVENTS = 100
"""Events of one job page."""

PAUSE_SECONDS = 1
"""Between a page and the next, so that a replay sends at most PAGE_EVENTS events a second. It is a third of SNS's
smallest quota, 300 messages a second (https://docs.aws.amazon.com/general/latest/gr/sns.html), and leaves room for new
events."""

CLAIM_SECONDS = 150
"""After so long the claim of a page is that of a crashed run: the time-out of `on_job` is 120 seconds. A message comes
again after 720."""

ENDED_OR_PAUSED = frozenset({"paused", "finished", "failed", "cancelled"})


def is_over(job: Job, page_after: str) -> bool:
    """Whether there is nothing to do for the page that begins after this position.

    A page queues the next one before it writes the progress. So where the replay's position is further, the page was
    run and the next one queued. In any other case the page continues from the replay's position.
    """
    return job["status"] in ENDED_OR_PAUSED or page_after < job["position"]


def is_claimed(job: Job) -> bool:
    """Whether a page of this replay is being run now."""
    return job.get("claimed_until", 0) > clock.epoch()
