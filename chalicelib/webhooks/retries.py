"""Queues the deliveries whose next attempt was further away than SQS can delay a message."""

from __future__ import annotations

from itertools import islice

from chalicelib.core import clock, logs
from chalicelib.core.aws import packing
from chalicelib.core.aws.parallel import in_parallel
from chalicelib.webhooks import logouts
from chalicelib.webhooks.due_index import due_deliveries
from chalicelib.webhooks.model import is_logout
from chalicelib.webhooks.queue import queue_all

SECONDS = 60
"""After so long a run begins no further ten: the time-out of its function is 120, and it has other work too."""


def queue_due_deliveries() -> None:
    """Queue every delivery that is due, as far as time allows. The next run queues the rest.

    Each leaves the index after it was queued. A crash in between queues it twice, and its claim lets one be made. What
    is for OAuth clients gets a new token, and stays in the index until it is settled (`logouts`).
    """
    deadline = clock.running() + SECONDS
    due = due_deliveries().overdue()
    queued = 0
    while clock.running() < deadline and (due_batch := list(islice(due, packing.MESSAGES))):
        to_clients = [delivery for delivery in due_batch if is_logout(delivery.webhook_id)]
        to_webhooks = [delivery for delivery in due_batch if not is_logout(delivery.webhook_id)]
        queue_all(
            [
                *logouts.messages_of(to_clients),
                *(
                    {"webhook_id": delivery.webhook_id, "id": delivery.id, "tries": delivery.tries}
                    for delivery in to_webhooks
                ),
            ]
        )
        in_parallel(due_deliveries().leave, to_webhooks, packing.MESSAGES)
        in_parallel(due_deliveries().defer, to_clients, packing.MESSAGES)
        queued += len(due_batch)
    logs.info("deliveries queued", due=queued)
