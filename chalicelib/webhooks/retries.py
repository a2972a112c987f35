"""Queues the deliveries whose next attempt was further away than SQS can delay a message."""

from __future__ import annotations

from itertools import islice

from chalicelib.core import clock, logs
from chalicelib.core.aws import packing
from chalicelib.core.aws.parallel import in_parallel
from chalicelib.webhooks.due_index import due_deliveries
from chalicelib.webhooks.queue import queue_all

SECONDS = 60
"""After so long a run begins no further ten: the time-out of its function is 120, and it has other work too."""


def queue_due_deliveries() -> None:
    """Queue every delivery that is due, as far as time allows. The next run queues the rest.

    Each leaves the index after it was queued. A crash in between queues it twice, and its claim lets one be made.
    """
    deadline = clock.running() + SECONDS
    due = due_deliveries().overdue()
    queued = 0
    while clock.running() < deadline and (due_batch := list(islice(due, packing.MESSAGES))):
        queue_all(
            [
                {"webhook_id": delivery.webhook_id, "id": delivery.id, "tries": delivery.tries}
                for delivery in due_batch
            ]
        )
        in_parallel(due_deliveries().leave, due_batch, packing.MESSAGES)
        queued += len(due_batch)
    logs.info("deliveries queued", due=queued)
