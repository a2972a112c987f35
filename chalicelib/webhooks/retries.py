"""Brings back the deliveries whose next attempt is further away than a queue can delay it."""

from __future__ import annotations

from itertools import islice

from chalicelib.core import logs, packing
from chalicelib.webhooks.delivery_store import deliveries
from chalicelib.webhooks.queueing import queue_all


def queue_due_deliveries() -> None:
    """Queue every delivery that is due.

    Each leaves the index after it was queued. A crash in between queues it twice, and its claim lets one through.
    """
    due = deliveries().due()
    queued = 0
    while some := list(islice(due, packing.MESSAGES)):
        queue_all([{"webhook_id": one.webhook_id, "id": one.id, "tries": one.tries} for one in some])
        for one in some:
            deliveries().taken_up(one)
        queued += len(some)
    logs.info("deliveries queued", due=queued)
