"""Consumes the queue `history`: every published event is recorded once."""

from __future__ import annotations

from typing import Any

from chalicelib.core import batch, context, logs
from chalicelib.core.settings import settings
from chalicelib.events.model import checked
from chalicelib.events.store import history


def record_history(event: dict[str, Any]) -> None:
    """Record the CloudEvents in an SQS event. An event again, or one replayed, changes nothing.

    Raises Transient where messages must come again; what is no CloudEvent is parked.
    """
    recorded: list[str] = []

    def record(message: batch.Message) -> None:
        happened = checked(message.json())
        with context.working_for(happened.get("requestid", ""), happened.get("actor", "")):
            if "replayed" not in happened and history().record(happened, settings().history_days):
                recorded.append(happened.get("requestid", ""))

    batch.from_queue("history", event, record)
    logs.info("recorded", events=len(recorded), requests=sorted({request for request in recorded if request}))
