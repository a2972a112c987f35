"""Consumes the queue `history`: every published event is recorded once, without personal data of erased persons."""

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
    """Record the CloudEvents of an SQS batch, many at once. A repeated or replayed event changes nothing.

    The subjects are looked up in one read. Where an item came after its person's erasure, the erasure is run again.
    Raises Transient where messages must come again. A message that is no CloudEvent is parked.
    """
    recorded: list[str] = []
    erased = tombstones(subjects_of(event))

    def record(message: batch.Message) -> str | None:
        happened = checked(message.json())
        with context.working_for(happened.get("requestid", ""), happened.get("actor", "")):
            redacted = without_the_erased(happened, erased)
            if "replayed" not in happened and history().record(redacted, settings().history_days):
                recorded.append(happened.get("requestid", ""))
            return happened["subject"] if came_late(happened, erased) else None

    def finish(late: list[str | None]) -> None:
        for subject in sorted({subject for subject in late if subject}):
            erase_again(erased[subject])

    batch.from_queue("history", event, record, finish, workers=WRITERS)
    logs.info("recorded", events=len(recorded), requests=sorted({request for request in recorded if request}))
