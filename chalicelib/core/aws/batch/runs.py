"""The edge between a batch of records and a handler of one: what is repeated, what is parked, what is done.

Each record's handler ends in one of four ways:

* it returns: the record is done;
* it raises something *transient* (throttle, time-out, network, missing permission): the record must come again,
  so the whole invocation raises after the neighbours were handled;
* it raises `Postponed`: on a queue the record is sent anew, to come again after its time. What SQS counts begins anew
  too, so waiting never makes a dead letter, for as long as a queue keeps a message; elsewhere it is transient;
* it raises anything else: the record can never succeed, so it is parked in a dead-letter queue with the reason,
  and its neighbours go on.

Nothing here depends on `ReportBatchItemFailures`: `chalice deploy` cannot set it, and where it is missing Lambda
takes a returned list of failures for success. On SQS what succeeded is deleted before raising.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from chalicelib.core import clock, logs, wire
from chalicelib.core.aws import clients
from chalicelib.core.aws.dynamo import Item, to_item
from chalicelib.core.aws.packing import (
    SQS_BYTES,
    SQS_DELAY_SECONDS,
    message_attributes,
    message_bytes,
)
from chalicelib.core.aws.parallel import in_parallel
from chalicelib.core.errors import Malformed, Postponed, Refused, RollcallError, Transient
from chalicelib.core.retention import QUEUE_DAYS
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FIRST_ID, FIRST_SENT_AT = "first_message_id", "first_sent_at"
"""The message attributes by which one that was sent anew is still the same."""

_COMES_AGAIN = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "ConcurrentModificationException",
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "KMSAccessDenied",
        "KMSThrottling",
        "KMSThrottlingException",
        "KmsAccessDenied",
        "KmsThrottled",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "Throttled",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
        "TransactionConflictException",
        "UnrecognizedClientException",
        "ExpiredTokenException",
    }
)
"""Error codes under which the same call may succeed later; a missing permission is mended by a deployment."""


def comes_again(code: str) -> bool:
    """Whether the same call may succeed later, by its error's code: also of one entry of a batch, which SNS and SQS
    may call the sender's fault even where it was throttled."""
    return code in _COMES_AGAIN


def is_transient(error: BaseException) -> bool:
    """Whether the same work may succeed later."""
    if isinstance(error, Transient):
        return True
    if isinstance(error, ClientError):
        code = error.response.get("Error", {}).get("Code", "")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code == "TransactionCanceledException":
            reasons = {reason.get("Code") for reason in error.response.get("CancellationReasons", [])}
            return bool(reasons & {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
        return comes_again(code) or status >= 500
    if isinstance(error, ParamValidationError):
        return False
    return isinstance(error, BotoCoreError | ConnectionError | TimeoutError)


def reason(error: BaseException) -> str:
    """Why a record was parked: our own words, or no more than the error's class where it may quote data."""
    if isinstance(error, RollcallError):
        return f"{type(error).__name__}: {error.detail}"[:300]
    if isinstance(error, ClientError):
        return f"{type(error).__name__}: {error.response.get('Error', {}).get('Code', 'unknown')}"
    return type(error).__name__


@dataclass(frozen=True)
class Message:
    """One SQS message. `attributes` are its message attributes as text; `received` counts deliveries from 1. One that
    was postponed keeps the `id` and the time of the first."""

    id: str
    body: str
    attributes: dict[str, str]
    received: int
    sent_at: int
    """Milliseconds since 1970."""

    def json(self) -> Any:
        """The body as JSON. Raises Malformed where it is none (`core.wire.from_json`)."""
        return wire.from_json(self.body)


@dataclass(frozen=True)
class Change:
    """One DynamoDB stream record: the item before and after, in plain Python."""

    table: str
    """The table's short name, `users`."""
    keys: Item
    old: Item | None
    new: Item | None
    inserted: bool
    """Whether there was no such item before, which a stream of keys alone says by the name of its event."""
    expired: bool
    """Whether DynamoDB's TTL removed the item, rather than anybody."""


def from_queue(
    queue: str,
    event: dict[str, Any],
    handle: Callable[[Message], None],
    finish: Callable[[], None] | None = None,
    *,
    workers: int = 1,
    kept: Callable[[str], str] = str,
) -> None:
    """Handle the SQS messages of `event`, which came from the stage's queue of that short name, so many at once.

    Whatever a message holds, its neighbours are handled: nothing of it is looked at outside its own turn.
    `kept` gives what of a body stays among the dead letters.
    `finish` is called after them all, for work that pays in bulk; a message counts as done only when it returns.
    Raises Transient where some must come again, after deleting those that are done.
    """
    records = _records(event, "aws:sqs", settings().names.of(queue))
    outcome = _run(records, lambda record: handle(_message(record)), finish, workers, _may_wait)
    for record, why in outcome.parked:
        _park_message(queue, record, why, kept)
    for record, seconds in outcome.later:
        _send_anew(queue, _message(record), seconds)
    if outcome.again:
        _delete(queue, outcome.done + [record for record, _ in (*outcome.parked, *outcome.later)])
    _report(queue, outcome)


def from_stream(
    table: str,
    event: dict[str, Any],
    handle: Callable[[Change], None],
    finish: Callable[[], None] | None = None,
) -> None:
    """Handle the DynamoDB stream records of `event`, in order, from the table of that short name.

    Raises Transient where the batch must come again; what can never succeed is parked by its keys.
    """
    records = _records(event, "aws:dynamodb", f"table/{settings().names.of(table)}/")
    outcome = _run(records, lambda record: handle(_change(table, record)), finish)
    if outcome.again:
        outcome.parked.clear()  # they come again with the batch, and are parked once, when the rest is done
    for record, why in outcome.parked:
        park(f"stream:{table}", _described(_keys_of, record), why)
    _report(f"stream:{table}", outcome)


def from_source(
    source: str,
    name: str,
    event: dict[str, Any],
    handle: Callable[[dict[str, Any]], None],
    describe: Callable[[dict[str, Any]], Any],
) -> None:
    """Handle the records of an SNS, S3 or Kinesis `event`: `source` is its `aws:sns`, `name` what its ARN holds.

    `describe` gives what is kept of a record that is parked: keys, never contents.
    """
    records = _records(event, source, name)
    outcome = _run(records, handle, None)
    if outcome.again:
        outcome.parked.clear()
    for record, why in outcome.parked:
        park(source, _described(describe, record), why)
    _report(source, outcome)


def park(source: str, keys: Any, why: str) -> None:
    """Keep the keys of what cannot be processed, and the reason, in the dead-letter queue of its kind."""
    queue = "streams-dlq" if source.startswith("stream:") or source == "aws:kinesis" else "invocations-dlq"
    clients.send(queue, wire.to_json({"source": source, "keys": keys, "reason": why}, default=str))


def _park_message(queue: str, record: dict[str, Any], why: str, kept: Callable[[str], str]) -> None:
    """Send a message on to its dead-letter queue, with the reason as far as SQS takes both: a message that fills what
    SQS takes came with fewer attributes than it goes."""
    body = wire.text(kept(str(record.get("body") or "(empty)")))
    told = {"reason": why, "message_id": str(record.get("messageId") or "unknown")}
    fits = message_bytes(body, {name: wire.text(text) for name, text in told.items()}) <= SQS_BYTES
    clients.client("sqs").send_message(
        QueueUrl=settings().queue_url(f"{queue}-dlq"),
        MessageBody=body,
        MessageAttributes=message_attributes(told if fits else {}),
    )
    if not fits:
        logs.info("parked without its reason", source=queue, about=told["message_id"], reason=why)


def _keys_of(record: dict[str, Any]) -> Any:
    return {"keys": record["dynamodb"].get("Keys"), "event": record.get("eventName")}


def _described(describe: Callable[[dict[str, Any]], Any], record: dict[str, Any]) -> Any:
    """What is kept of a record that is parked: nothing, where it is so odd that even that cannot be told."""
    try:
        return describe(record)
    except Exception as error:
        logs.failure("parked without its keys", error)
        return None


@dataclass
class _Outcome:
    done: list[dict[str, Any]]
    parked: list[tuple[dict[str, Any], str]]
    again: list[BaseException]
    later: list[tuple[dict[str, Any], int]] = field(default_factory=list)
    """With the seconds to wait."""


def _run(
    records: Sequence[dict[str, Any]],
    handle: Callable[[dict[str, Any]], None],
    finish: Callable[[], None] | None,
    workers: int = 1,
    may_wait: Callable[[dict[str, Any]], bool] = lambda _: False,
) -> _Outcome:
    def attempt(record: dict[str, Any]) -> Exception | None:
        try:
            handle(record)
        except Exception as error:
            return error
        return None

    outcome = _Outcome([], [], [])
    errors = map(attempt, records) if workers == 1 else in_parallel(attempt, records, workers)
    for record, error in zip(records, errors, strict=True):
        if error is None:
            outcome.done.append(record)
        elif isinstance(error, Postponed) and may_wait(record):
            outcome.later.append((record, error.seconds))
        elif is_transient(error):
            outcome.again.append(error)
        else:
            if not isinstance(error, Refused):
                logs.failure("record parked", error)
            outcome.parked.append((record, reason(error)))
    if finish is not None:
        try:
            finish()
        except Exception as error:
            outcome.again.append(error)
            outcome.done.clear()
    return outcome


def _report(source: str, outcome: _Outcome) -> None:
    counts = {name: len(getattr(outcome, name)) for name in ("done", "parked", "again", "later")}
    logs.info("batch", source=source, **counts)
    if outcome.parked:
        logs.count("Parked", len(outcome.parked), source=source)
    if outcome.again:
        logs.count("Retried", len(outcome.again), source=source)
        first = outcome.again[0]
        logs.failure("batch must come again", first, source=source, reason=reason(first))
        raise Transient(f"{len(outcome.again)} records of {source} must come again") from first


def _records(event: dict[str, Any], source: str, name: str) -> list[dict[str, Any]]:
    """The event's records, if it is one of ours. Raises Malformed for an event from any other source."""
    records = event.get("Records") if isinstance(event, dict) else None
    if not isinstance(records, list):
        raise Malformed(f"not an event of {source}: it has no Records")
    for record in records:
        if not isinstance(record, dict) or not _is_from(record, source, name):
            raise Malformed(f"not an event of {source} {name}")
    return records


def _is_from(record: dict[str, Any], source: str, name: str) -> bool:
    origin = record.get("eventSource") or record.get("EventSource")
    place = record.get("eventSourceARN") or record.get("EventSubscriptionArn")
    for part in ("s3", "bucket", "name") if not place else ():
        record = record.get(part) if isinstance(record, dict) else None  # type: ignore[assignment]
        place = record
    return origin == source and isinstance(place, str) and name in f"{place}/"


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
    """Whether a message is young enough to be sent anew: no wait is longer than a queue keeps a message. One that fills
    what SQS takes has no room for what it would be known by, and comes again as it is."""
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
    """By which a message that is sent anew is still the same. Others of its attributes tell subscribers apart, and have
    done so; with them it might have more than the ten that SQS takes."""
    return {FIRST_ID: message.id, FIRST_SENT_AT: str(message.sent_at)}


def _change(table: str, record: dict[str, Any]) -> Change:
    data = record.get("dynamodb", {})
    keys = to_item(data.get("Keys"))
    if not keys:
        raise Malformed("a stream record without keys")
    return Change(
        table=table,
        keys=keys,
        old=to_item(data.get("OldImage")),
        new=to_item(data.get("NewImage")),
        inserted=record.get("eventName") == "INSERT",
        expired=(record.get("userIdentity") or {}).get("principalId") == "dynamodb.amazonaws.com",
    )


def _delete(queue: str, records: Sequence[dict[str, Any]]) -> None:
    sqs, url = clients.client("sqs"), settings().queue_url(queue)
    for start in range(0, len(records), 10):
        entries = [
            {"Id": str(position), "ReceiptHandle": record["receiptHandle"]}
            for position, record in enumerate(records[start : start + 10])
        ]
        sqs.delete_message_batch(QueueUrl=url, Entries=entries)
