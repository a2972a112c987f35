"""Runs the job pages of a replay, one by one: claim the page, send its events, queue the next one, write the progress.

After a crash the page's message comes again when the claim has expired, and at most the events of the page are sent
once more. The next page is queued before the progress is written, so a crash between the two does not end the replay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib import events, webhooks
from chalicelib.core import clock, logs
from chalicelib.core.errors import Malformed, Refused, Unavailable
from chalicelib.jobs import jobs, queue_page
from chalicelib.replays.model import CLAIM_SECONDS, PAGE_EVENTS, PAUSE_SECONDS, is_claimed, is_over

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.events import Event


def run_page(job_id: str, page_fields: dict[str, Any]) -> None:
    """Send the next events of a replay, then queue the next page or end the job.

    Where events can never be sent (the webhook was removed, was disabled or has another URL, SNS refuses an event), the
    replay is paused with the reason. Raises Unavailable where the page must come again, Malformed for a page without a
    position.
    """
    if not isinstance(page_fields.get("after"), str):
        raise Malformed("not a page of a replay")
    job = jobs().get(job_id, "replay")
    if is_over(job, page_fields["after"]):
        return
    if is_claimed(job):
        raise Unavailable("a page of this replay is being run")
    job = jobs().change_as_read(job, status="running", claimed_until=clock.epoch() + CLAIM_SECONDS)
    options = job["options"]
    past_events, position = events.recorded(
        job["position"], options["to"], limit=PAGE_EVENTS, types=options["types"]
    )
    try:
        sent = _send(options["webhook"], past_events, job.get("asked_at", job["created_at"]))
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


def _send(webhook_id: str | None, past_events: Sequence[Event], requested_at: str) -> int:
    """Send events again, marked `replayed`, and return how many."""
    if webhook_id is not None:
        return webhooks.deliver_again(webhook_id, past_events, requested_at)
    events.publish_again(past_events)
    return len(past_events)
