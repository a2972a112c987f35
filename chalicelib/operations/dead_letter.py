"""Reads a message of a dead-letter queue: where it comes from, what it is about, why it is there.

No AWS here. Of a body only ids are shown. The rest may hold an email address or a value, and is shown only on demand.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.core import clock
from chalicelib.core.aws.dynamo import to_item
from chalicelib.core.errors import NotFound
from chalicelib.core.names import PARKED
from chalicelib.core.retention import max_receives
from chalicelib.operations import stage_map

ID_CHARACTERS = 80
"""The most characters of an id that are shown. Rollcall's own ids are shorter; a producer's may have any length."""

REASON_CHARACTERS = 300
"""The same of a reason, as our own code has it: a producer's message may have an attribute of that name."""

UNKNOWN = "unknown"
"""The source of what has not the form that it claims."""

KEYS = {
    "specversion": ("id", "type", "subject"),
    "template": ("template", "key", "user_id"),
    "webhook_id": ("webhook_id", "id", "tries"),
    "job": ("job", "kind"),
    "item_id": ("user_id", "item_id"),
    "items": (),
}
"""The ids of each kind of message, by a field that only this kind has: events, requests for mails, attempts of
deliveries, pages of jobs, item writes. A plain mail, `{to, subject, body}`, has none."""


@dataclass(frozen=True)
class DeadLetter:
    """One parked message. `times` counts the attempts before it was parked; 0 where it is unknown."""

    id: str
    receipt: str
    sent_at: datetime
    source: str
    keys: dict[str, Any]
    reason: str
    times: int
    body: str
    attributes: dict[str, Any]
    """The message attributes, in the form that SQS sends and takes."""

    @property
    def document(self) -> dict[str, Any]:
        """The body's JSON object; empty where it is none."""
        return _object(self.body)

    @property
    def description(self) -> dict[str, Any]:
        """All but its contents, as JSON."""
        keys = {name: str(value)[:ID_CHARACTERS] for name, value in self.keys.items() if value is not None}
        return {
            "id": self.id,
            "sent_at": clock.timestamp(self.sent_at),
            "source": self.source,
            "reason": self.reason,
            "times": self.times,
            "keys": keys,
        }

    def attribute(self, name: str) -> str:
        """The text of a message attribute; empty where there is none."""
        return _text_in(self.attributes, name)


def dead_letter_queue(name: str) -> str:
    """The dead-letter queue of a short name: `mail` and `mail-dlq` are the same. Raises NotFound for another."""
    queue = f"{name.removesuffix('-dlq')}-dlq"
    queues = stage_map.names("dead_letters")
    if queue not in queues:
        names = ", ".join(each.removesuffix("-dlq") for each in queues)
        raise NotFound(f"there is no such queue, only {names}")
    return queue


def read(queue: str, message: dict[str, Any]) -> DeadLetter:
    """Read a message as SQS sent it, with all of its attributes, from the dead-letter queue of that short name."""
    system, attributes = message.get("Attributes", {}), message.get("MessageAttributes", {})
    source, keys, reason, times = _cause(queue, _object(message["Body"]), attributes, system)
    return DeadLetter(
        id=message["MessageId"],
        receipt=message["ReceiptHandle"],
        sent_at=datetime.fromtimestamp(int(system.get("SentTimestamp", 0)) / 1000, UTC),
        source=source,
        keys=keys,
        reason=reason[:REASON_CHARACTERS],
        times=times,
        body=message["Body"],
        attributes=attributes,
    )


Cause = tuple[str, dict[str, Any], str, int]
"""Source, keys, reason and times."""


def _cause(queue: str, document: dict[str, Any], attributes: dict[str, Any], system: dict[str, Any]) -> Cause:
    """What is in a message of a queue was written by whoever may send to that queue, so only the queues that AWS and
    our code write to are believed about functions. Whatever it is, it must not hide the messages beside it."""
    if queue not in PARKED:
        return _from_queue(queue, document, attributes, system)
    try:
        if "requestContext" in document:
            return _from_lambda(document)
        if "TARGET_ARN" in attributes:
            return _from_schedule(document, attributes)
        return _from_our_code(document)
    except (AttributeError, KeyError, TypeError, ValueError):
        return UNKNOWN, {}, "it has not the form that it claims", 0


def _from_queue(queue: str, document: dict[str, Any], attributes: dict[str, Any], system: dict[str, Any]) -> Cause:
    """A message of a queue was parked by Rollcall's code, which gives a reason, by SQS, or by SNS, which could not put
    it on the queue."""
    keys, source = _keys(document), f"queue {queue.removesuffix('-dlq')}"
    if "reason" in attributes:
        return source, keys, str(attributes["reason"].get("StringValue", "")), 1
    if "DeadLetterQueueSourceArn" in system:
        return (
            source,
            keys,
            "its consumer failed each time; its log says why",
            max_receives(queue.removesuffix("-dlq")),
        )
    return "outside the queue", keys, "SNS could not put it on the queue, or somebody put it here", 0


def _from_our_code(document: dict[str, Any]) -> Cause:
    """A message that Rollcall's code parked: of a change, `batch` keeps the record's keys; of an event that SNS
    refused, its id; of others, one or more ids."""
    keys = document.get("keys")
    if isinstance(keys, dict) and "event" in keys and "keys" in keys:
        keys = to_item(keys["keys"]) or {}
    return (
        str(document.get("source", UNKNOWN)),
        keys if isinstance(keys, dict) else {"id": keys},
        str(document.get("reason", "nobody says")),
        1 if document else 0,
    )


def _from_lambda(document: dict[str, Any]) -> Cause:
    """Lambda's record of an invocation or of a stream's batch that failed to the end:
    https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html"""
    context = document["requestContext"]
    times = int(context.get("approximateInvokeCount", 0))
    error = document.get("responsePayload") or {}
    why = " ".join(filter(None, [context.get("condition", ""), error.get("errorType", "")]))
    batch = position_of(document)
    if batch:
        names = ("shardId", "startSequenceNumber", "endSequenceNumber", "batchSize")
        return stream_of(document), {name: batch.get(name) for name in names}, why, times
    return f"function {function_in(context.get('functionArn', ''))}", {}, why, times


def _from_schedule(document: dict[str, Any], attributes: dict[str, Any]) -> Cause:
    """EventBridge describes in attributes what it could not deliver:
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html"""
    times, error = _text_in(attributes, "RETRY_ATTEMPTS"), _text_in(attributes, "ERROR_CODE")
    source = f"schedule of {function_in(_text_in(attributes, 'TARGET_ARN'))}"
    return source, {"id": document.get("id")}, error, int(times) if times.isdigit() else 0


def _text_in(attributes: dict[str, Any], name: str) -> str:
    return str(attributes.get(name, {}).get("StringValue", ""))


def position_of(document: dict[str, Any]) -> dict[str, Any]:
    """The position of a failed batch in its stream; empty for anything else. The message does not hold the records."""
    return dict(document.get("DDBStreamBatchInfo") or document.get("KinesisBatchInfo") or {})


def stream_of(document: dict[str, Any]) -> str:
    """The stream of a failed batch: `stream:users`, or `aws:kinesis`."""
    arn = str(position_of(document).get("streamArn", ""))
    if ":table/" not in arn:
        return "aws:kinesis"
    table = arn.partition(":table/")[2].partition("/")[0]
    return f"stream:{table.rpartition('-')[2]}"


def function_in(arn: str) -> str:
    """A function's full name in its ARN: `rollcall-dev-on_upload`."""
    return arn.partition(":function:")[2].partition(":")[0]


def _keys(document: dict[str, Any]) -> dict[str, Any]:
    for field, names in KEYS.items():
        if field in document:
            ids = {name: document[name] for name in names if isinstance(document.get(name), str | int)}
            return {name: str(value)[:ID_CHARACTERS] for name, value in ids.items()}
    return {}


def _object(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
