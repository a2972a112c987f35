"""Brings back the deliveries whose next attempt is further away than a queue can delay it."""

from __future__ import annotations

from itertools import islice

from chalicelib.core import clock, logs
from chalicelib.core.aws import packing
from chalicelib.core.aws.parallel import in_parallel
from chalicelib.webhooks.delivery_store import deliveries
from chalicelib.webhooks.queue import queue_all

SECONDS = 60
"""After which a run begins no further ten: its function has 120, and something else to do."""


def queue_due_deliveries() -> None:
    """Queue every delivery that is due, as many as time allows; the next run goes on.

    Each leaves the index after it was queued. A crash in between queues it twice, and its claim lets one through.
    """
    deadline = clock.running() + SECONDS
    due = deliveries().due()
    queued = 0
    while clock.running() < deadline and (some := list(islice(due, packing.MESSAGES))):
        queue_all([{"webhook_id": one.webhook_id, "id": one.id, "tries": one.tries} for one in some])
        in_parallel(deliveries().taken_up, some, packing.MESSAGES)
        queued += len(some)
    logs.info("deliveries queued", due=queued)
