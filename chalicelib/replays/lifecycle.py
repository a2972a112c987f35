"""Start, pause, resume and cancel a replay. The last three may be repeated: the state is the same after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib import events, webhooks
from chalicelib.core import clock, ids
from chalicelib.jobs import jobs, queue_page

PREVIEWED = 20_000
"""Rows of the feed that a preview looks at, within some seconds."""

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence

    from chalicelib.jobs.rows import Job


def start(since: str, until: str, types: Sequence[str], webhook_id: str | None) -> Job:
    """Start a replay of what was recorded from one timestamp up to another, and return its job. It is of these types,
    or of all where none is named; to one webhook, or to the topic where there is no `webhook_id`.

    After a crash before its first page is queued the job waits until it is resumed. Raises NotFound where there is no
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


def preview(since: str, until: str, types: Sequence[str], webhook_id: str | None) -> tuple[int, str, str]:
    """How many events a replay would send: the number, the timestamp up to which they are counted, and the one at which
    the replay would end. Raises what `start` does."""
    wanted: Container[str] = frozenset(types)
    if webhook_id is not None:
        webhooks.check_enabled(webhook_id)
        wanted = webhooks.wanted_types(webhook_id, types)
        if not wanted:
            return 0, until, until
    end = min(until, events.horizon())
    number, position = events.count_recorded(since, end, limit=PREVIEWED, types=wanted)
    return number, min(position.partition("#")[0], end), end


def pause(job_id: str) -> Job:
    """Pause a replay before its next page. A page that is being run is finished. Raises NotFound, and Conflict where
    the replay has ended."""
    return _set_status(job_id, "paused")


def resume(job_id: str, *, require_proof: Callable[[], None] = lambda: None) -> Job:
    """Resume a replay from its position: after a pause, and also where its next page was lost. A page that is queued
    twice is run once. Raises what `pause` does. For a replay to a webhook `require_proof` is called first, and raises
    where the proof is missing."""
    if jobs().get(job_id, "replay")["options"]["webhook"]:
        require_proof()
    job = jobs().change(job_id, status="waiting", reason=None, asked_at=clock.timestamp())
    queue_page(job_id, "replay", {"after": job["position"]})
    return job


def cancel(job_id: str) -> Job:
    """End a replay before its next page. Raises NotFound, and Conflict where it has ended otherwise."""
    return _set_status(job_id, "cancelled")


def _set_status(job_id: str, status: str) -> Job:
    job = jobs().get(job_id, "replay")
    return job if job["status"] == status else jobs().change(job_id, status=status)
