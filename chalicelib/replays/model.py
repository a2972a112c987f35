"""How fast a replay goes, and which of its pages is to be run. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core import clock

if TYPE_CHECKING:
    from chalicelib.jobs.rows import Job

PAGE = 100
"""Events of one page."""

PAUSE_SECONDS = 1
"""Between a page and the next, so that one replay sends PAGE events a second at most: a third of the 300 messages that
SNS takes a second where it takes least (https://docs.aws.amazon.com/general/latest/gr/sns.html), which leaves room for
what happens now."""

CLAIM_SECONDS = 150
"""Older claims of a page are of crashed runs: `on_job` has 120 seconds. A message comes again after 720."""

ENDED_OR_PAUSED = frozenset({"paused", "finished", "failed", "cancelled"})


def is_over(job: Job, page_after: str) -> bool:
    """Whether there is nothing to do for the page that begins after this position.

    A page queues the one that follows before it writes down how far the replay is. So where the replay is further, the
    page was run and followed. Any other goes on from where the replay is.
    """
    return job["status"] in ENDED_OR_PAUSED or page_after < job["position"]


def is_claimed(job: Job) -> bool:
    """Whether somebody runs a page of this replay now."""
    return int(job.get("claimed_until", 0)) > clock.epoch()
