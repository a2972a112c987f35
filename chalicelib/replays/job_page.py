"""Runs the pages of a replay, one after the other: claim the page, send its events, queue the next one, write it down.

A crash anywhere leaves the page's message, which comes again when the claim is stale, and at most sends the page's
events once more. The next page is queued before the progress is written, so no crash between the two ends the replay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib import events, webhooks
from chalicelib.core import clock, logs
from chalicelib.core.errors import Malformed, Refused, Unavailable
from chalicelib.jobs import jobs, queue_page
from chalicelib.replays.model import CLAIM_SECONDS, PAGE, PAUSE_SECONDS, is_claimed, is_over

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.events import Event


def run_page(job_id: str, page: dict[str, Any]) -> None:
    """Send the next events of a replay, and queue the page that follows or end the job.

    What can never be sent (the webhook is gone, disabled or elsewhere, SNS refuses an event) pauses the replay with the
    reason.
    Raises Unavailable where the page must come again, Malformed for a page without a position.
    """
    if not isinstance(page.get("after"), str):
        raise Malformed("not a page of a replay")
    job = jobs().get(job_id, "replay")
    if is_over(job, page["after"]):
        return
    if is_claimed(job):
        raise Unavailable("a page of this replay is being run")
    job = jobs().change_as_read(job, status="running", claimed_until=clock.epoch() + CLAIM_SECONDS)
    options = job["options"]
    found, position = events.recorded(job["position"], options["to"], limit=PAGE, types=options["types"])
    try:
        sent = _send(options["webhook"], found, str(job.get("asked_at", job["created_at"])))
    except Refused as refused:
        jobs().settle(job_id, status="paused", reason=refused.detail, claimed_until=0)
        logs.info("replay paused", job=job_id, reason=refused.detail)
        return
    progress = {
        "position": position,
        "counts": {"published": job["counts"]["published"] + sent},
        "claimed_until": 0,
    }
    if position < options["to"]:
        queue_page(job_id, "replay", {"after": position}, PAUSE_SECONDS)
        jobs().settle(job_id, **progress)
    else:
        jobs().settle(job_id, status="finished", **progress)


def _send(webhook_id: str | None, found: Sequence[Event], asked_at: str) -> int:
    """Send events again, marked `replayed`: how many were to be sent."""
    if webhook_id is not None:
        return webhooks.deliver_again(webhook_id, found, asked_at)
    events.publish_again(found)
    return len(found)
