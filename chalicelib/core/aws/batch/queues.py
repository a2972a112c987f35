"""Messages of an SQS queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.core import clock, wire
from chalicelib.core.aws import clients
from chalicelib.core.aws.batch.parking import park_message
from chalicelib.core.aws.batch.runs import records_of, report, run
from chalicelib.core.aws.packing import MESSAGES, SQS_BYTES, SQS_DELAY_SECONDS, message_attributes, message_bytes
from chalicelib.core.aws.parallel import WRITERS, in_parallel
from chalicelib.core.retention import QUEUE_DAYS
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from chalicelib.core.aws.batch.runs import Finish

Result = TypeVar("Result")

FIRST_ID, FIRST_SENT_AT = "first_message_id", "first_sent_at"
"""The message attributes that identify a message that was sent anew."""


@dataclass(frozen=True)
class Message:
    """An SQS message. `attributes` are its message attributes as text; `received` counts deliveries, from 1. A
    postponed message keeps the `id` and the time of the first one."""

    id: str
    body: str
    attributes: dict[str, str]
    received: int
    sent_at: int
    """Milliseconds since 1970."""

    def json(self) -> Any:
        """The body as JSON. Raises Malformed where it is not JSON (`core.wire.from_json`)."""
        return wire.from_json(self.body)


def from_queue(
    queue: str,
    event: dict[str, Any],
    handle: Callable[[Message], Result],
    finish: Finish[Result] | None = None,
    *,
    workers: int = 1,
    together: int = 0,
    redact: Callable[[str], str] = str,
    retry_after: Callable[[Message], int] | None = None,
) -> None:
    """Handle the SQS messages of `event`, which came from the stage's queue of that short name, `workers` at once.

    Whatever a message contains, its neighbours are handled: it is read only when it is handled itself.
    `redact` returns what of a body is stored among the dead letters.
    `finish` is called after all messages with the results of `handle`, for work that is cheaper in bulk; a message is
    done only when it returns. It may be called again for some messages, where one can never be finished. With
    `together` it is called for at most so many at once, several times in parallel.
    `retry_after` gives the seconds after which a message that must come again does so, up to 12 hours, in the place
    of the queue's visibility timeout.
    Raises Transient where some must come again, after deleting those that are done.
    """
    records = records_of(event, "aws:sqs", settings().names.of(queue))
    outcome = run(
        records,
        lambda record: handle(_message(record)),
        finish,
        workers=workers,
        together=together,
        may_wait=_may_wait,
    )
    for record, why in outcome.parked:
        park_message(queue, record, why, redact)
    for record, seconds in outcome.later:
        _send_anew(queue, _message(record), seconds)
    if outcome.again:
        _delete(queue, outcome.done + [record for record, _ in (*outcome.parked, *outcome.later)])
        if retry_after is not None:
            _show_after(queue, [(record, retry_after(_message(record))) for record, _ in outcome.again])
    report(queue, outcome)


def _message(record: dict[str, Any]) -> Message:
    system = record.get("attributes", {})
    attributes = {
        name: value.get("stringValue", "") for name, value in record.get("messageAttributes", {}).items()
    }
    first_sent_at = attributes.get(FIRST_SENT_AT, "")
    return Message(
        id=attributes.get(FIRST_ID) or record["messageId"],
        body=record["body"],
        attributes=attributes,
        received=int(system.get("ApproximateReceiveCount", 1)),
        sent_at=int(first_sent_at if first_sent_at.isdecimal() else system.get("SentTimestamp", 0)),
    )


def _may_wait(record: dict[str, Any]) -> bool:
    """Whether a message can be sent anew: it must be younger than the time for which a queue keeps a message, and have
    room for the attributes that identify it. Another comes again unchanged."""
    message = _message(record)
    is_young = clock.epoch() - message.sent_at // 1000 < QUEUE_DAYS * 86400
    return is_young and message_bytes(message.body, _same(message)) <= SQS_BYTES


def _send_anew(queue: str, message: Message, seconds: int) -> None:
    clients.client("sqs").send_message(
        QueueUrl=settings().queue_url(queue),
        MessageBody=message.body,
        DelaySeconds=min(seconds, SQS_DELAY_SECONDS),
        MessageAttributes=message_attributes(_same(message)),
    )


def _same(message: Message) -> dict[str, str]:
    """The attributes that identify a message that is sent anew. It loses its others, which select subscribers and have
    done so already: with them it might have more than the ten that SQS accepts."""
    return {FIRST_ID: message.id, FIRST_SENT_AT: str(message.sent_at)}


def _delete(queue: str, records: Sequence[dict[str, Any]]) -> None:
    delete = clients.client("sqs").delete_message_batch
    for entries in _tens([{"ReceiptHandle": record["receiptHandle"]} for record in records]):
        delete(QueueUrl=settings().queue_url(queue), Entries=entries)


def _show_after(queue: str, records: Sequence[tuple[dict[str, Any], int]]) -> None:
    """Have messages received again after so many seconds each. One that SQS does not do it for comes when the queue's
    visibility timeout is over."""
    show = clients.client("sqs").change_message_visibility_batch
    handles = [
        {"ReceiptHandle": record["receiptHandle"], "VisibilityTimeout": seconds} for record, seconds in records
    ]
    in_parallel(
        lambda tens: show(QueueUrl=settings().queue_url(queue), Entries=tens), list(_tens(handles)), WRITERS
    )


def _tens(entries: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Entries of batches of SQS, each with its number there."""
    for start in range(0, len(entries), MESSAGES):
        yield [{"Id": str(number), **entry} for number, entry in enumerate(entries[start : start + MESSAGES])]
