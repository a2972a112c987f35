"""Consumes the queue `history`: every published event is recorded once, and nothing personal of the erased."""

from __future__ import annotations

from typing import Any

from chalicelib.core import context, logs
from chalicelib.core.aws import batch
from chalicelib.core.aws.parallel import WRITERS
from chalicelib.core.settings import settings
from chalicelib.event_bus.envelope import checked
from chalicelib.events.erased import came_late, erase_again, subjects_of, tombstones, without_the_erased
from chalicelib.events.store import history


def record_history(event: dict[str, Any]) -> None:
    """Record the CloudEvents in an SQS event, many at once. An event again, or one replayed, changes nothing.

    The subjects are looked up in one read; an item that came after its person's erasure has that run again. Raises
    Transient where messages must come again; what is no CloudEvent is parked.
    """
    recorded: list[str] = []
    erased = tombstones(subjects_of(event))

    def record(message: batch.Message) -> str | None:
        happened = checked(message.json())
        with context.working_for(happened.get("requestid", ""), happened.get("actor", "")):
            kept = without_the_erased(happened, erased)
            if "replayed" not in happened and history().record(kept, settings().history_days):
                recorded.append(happened.get("requestid", ""))
            return happened["subject"] if came_late(happened, erased) else None

    def finish(late: list[str | None]) -> None:
        for subject in sorted({subject for subject in late if subject}):
            erase_again(erased[subject])

    batch.from_queue("history", event, record, finish, workers=WRITERS)
    logs.info("recorded", events=len(recorded), requests=sorted({request for request in recorded if request}))
