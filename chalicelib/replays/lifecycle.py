"""Beginning, pausing, resuming and cancelling a replay. Each may be asked for again: it ends in the same state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib import events, webhooks
from chalicelib.core import clock, ids
from chalicelib.jobs import jobs, queue_page

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chalicelib.jobs.rows import Job


def start(since: str, until: str, types: Sequence[str], webhook_id: str | None) -> Job:
    """Begin to replay what was recorded from one timestamp up to another, all types where none is named, to one webhook
    or else to the topic: the job that does it.

    After a crash before its first page is queued the job waits, until it is resumed. Raises NotFound where there is no
    such webhook, Conflict where it is disabled.
    """
    if webhook_id is not None:
        webhooks.check_enabled(webhook_id)
    options = {
        "from": since,
        "to": min(until, events.horizon()),
        "types": sorted(set(types)),
        "webhook": webhook_id,
    }
    job, _ = jobs().create("replay", ids.new_id(), options=options, position=since, counts={"published": 0})
    queue_page(job["id"], "replay", {"after": since})
    return job


def pause(job_id: str) -> Job:
    """Hold a replay before its next page: the page that is being run is finished. Raises NotFound, and Conflict where
    the replay has ended."""
    return _become(job_id, "paused")


def resume(job_id: str, *, to_webhook: Callable[[], None] = lambda: None) -> Job:
    """Go on where a replay is: after a pause, and also where its next page was lost. A page that is queued twice is run
    once. Raises what `pause` does, and whatever `to_webhook` does, which is asked for one that goes to a webhook."""
    if jobs().get(job_id, "replay")["options"]["webhook"]:
        to_webhook()
    job = jobs().change(job_id, status="waiting", reason=None, asked_at=clock.timestamp())
    queue_page(job_id, "replay", {"after": job["position"]})
    return job


def cancel(job_id: str) -> Job:
    """End a replay before its next page. Raises NotFound, and Conflict where it has ended otherwise."""
    return _become(job_id, "cancelled")


def _become(job_id: str, status: str) -> Job:
    job = jobs().get(job_id, "replay")
    return job if job["status"] == status else jobs().change(job_id, status=status)
