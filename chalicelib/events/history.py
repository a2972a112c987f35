"""Consumes the queue `history`: every published event is recorded once, without personal data of erased persons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core import logs
from chalicelib.core.aws import batch
from chalicelib.core.aws.dynamo import INSERT_LIMIT, ConditionFailed
from chalicelib.core.settings import settings
from chalicelib.event_bus.envelope import checked
from chalicelib.events.erased import came_late, erase_again, subjects_of, tombstones, without_the_erased
from chalicelib.events.store import history

if TYPE_CHECKING:
    from chalicelib.event_bus.envelope import Event


def record_history(event: dict[str, Any]) -> None:
    """Record the CloudEvents of an SQS batch, 25 in a call. A repeated or replayed event changes nothing.

    The subjects are looked up in one read. Where an item came after its person's erasure, the erasure is run again.
    Raises Transient where messages must come again. A message that is no CloudEvent is parked.
    """
    recorded: dict[str, Event] = {}
    erased = tombstones(subjects_of(event))

    def record(happened: list[Event]) -> list[Exception | None]:
        new = [one for one in happened if "replayed" not in one]
        errors = history().record([without_the_erased(one, erased) for one in new], settings().history_days)
        recorded.update((one["id"], one) for one, error in zip(new, errors, strict=True) if error is None)
        for subject in sorted({one["subject"] for one in happened if came_late(one, erased)}):
            erase_again(erased[subject])
        outcomes = iter(errors)
        return [None if "replayed" in one else _unless_known(next(outcomes)) for one in happened]

    batch.from_queue("history", event, lambda message: checked(message.json()), record, together=INSERT_LIMIT)
    requests = sorted({one["requestid"] for one in recorded.values() if one.get("requestid")})
    logs.info("recorded", events=len(recorded), requests=requests)


def _unless_known(error: Exception | None) -> Exception | None:
    """The error of recording an event, but that it is recorded already: then there is nothing to do."""
    return None if isinstance(error, ConditionFailed) else error
