"""What a message of a dead-letter queue says: where it comes from, what it is about, why it is there.

Pure. Of a body only ids are told: the rest may hold an address or a value, and is shown on demand alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.core.aws.dynamo import to_item
from chalicelib.core.names import DEAD_LETTERS, PARKED
from infra.messaging import MAX_RECEIVES
from tools.console import Problem

ID_CHARACTERS = 80
"""Of an id that is shown; ours are shorter, a producer's may be anything."""

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
    """One parked message. `times` counts the attempts before it was parked, 0 where nobody says."""

    id: str
    receipt: str
    sent_at: datetime
    source: str
    keys: dict[str, Any]
    reason: str
    times: int
    body: str
    attributes: dict[str, Any]
    """As SQS gave them, and takes them."""

    @property
    def document(self) -> dict[str, Any]:
        """The body's JSON object; empty where it is none."""
        return _object(self.body)

    def attribute(self, name: str) -> str:
        return str(self.attributes.get(name, {}).get("StringValue", ""))


def dead_letter_queue(name: str) -> str:
    """The dead-letter queue that somebody means: `mail` and `mail-dlq` are one. Raises Problem where there is none."""
    queue = f"{name.removesuffix('-dlq')}-dlq"
    if queue not in DEAD_LETTERS:
        names = ", ".join(each.removesuffix("-dlq") for each in DEAD_LETTERS)
        raise Problem(f"which queue? QUEUE is one of {names}")
    return queue


def read(queue: str, message: dict[str, Any]) -> DeadLetter:
    """A message as SQS gave it, with all of its attributes, from the dead-letter queue of that short name."""
    document, system = _object(message["Body"]), message.get("Attributes", {})
    attributes = message.get("MessageAttributes", {})
    if "requestContext" in document:
        cause = _from_lambda(document)
    elif "TARGET_ARN" in attributes:
        cause = _from_schedule(document, attributes)
    elif queue in PARKED:
        cause = _from_our_code(document)
    else:
        cause = _from_queue(queue, document, attributes, system)
    source, keys, reason, times = cause
    return DeadLetter(
        id=message["MessageId"],
        receipt=message["ReceiptHandle"],
        sent_at=datetime.fromtimestamp(int(system.get("SentTimestamp", 0)) / 1000, UTC),
        source=source,
        keys=keys,
        reason=reason,
        times=times,
        body=message["Body"],
        attributes=attributes,
    )


Cause = tuple[str, dict[str, Any], str, int]
"""Source, keys, reason and times."""


def _from_queue(queue: str, document: dict[str, Any], attributes: dict[str, Any], system: dict[str, Any]) -> Cause:
    """A queue's message is here by our code, which says why, by SQS, or because SNS could not put it on the queue."""
    keys, source = _keys(document), f"queue {queue.removesuffix('-dlq')}"
    if "reason" in attributes:
        return source, keys, attributes["reason"]["StringValue"], 1
    if "DeadLetterQueueSourceArn" in system:
        return source, keys, "its consumer failed each time; its log says why", MAX_RECEIVES
    return "outside the queue", keys, "SNS could not put it on the queue, or somebody put it here", 0


def _from_our_code(document: dict[str, Any]) -> Cause:
    """Of a change `batch` keeps the record's keys, of an event that SNS refused its id, of others an id or a few."""
    keys = document.get("keys")
    if isinstance(keys, dict) and "event" in keys and "keys" in keys:
        keys = to_item(keys["keys"]) or {}
    return (
        str(document.get("source", "unknown")),
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
    """EventBridge says in attributes what it could not deliver:
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html"""

    def attribute(name: str) -> str:
        return str(attributes.get(name, {}).get("StringValue", ""))

    times = attribute("RETRY_ATTEMPTS")
    source = f"schedule of {function_in(attribute('TARGET_ARN'))}"
    return source, {"id": document.get("id")}, attribute("ERROR_CODE"), int(times) if times.isdigit() else 0


def position_of(document: dict[str, Any]) -> dict[str, Any]:
    """Where in its stream a failed batch is; empty for anything else. The records are not here."""
    return dict(document.get("DDBStreamBatchInfo") or document.get("KinesisBatchInfo") or {})


def stream_of(document: dict[str, Any]) -> str:
    """Whose stream a failed batch is of: `stream:users`, or `aws:kinesis`."""
    arn = str(position_of(document).get("streamArn", ""))
    if ":table/" not in arn:
        return "aws:kinesis"
    table = arn.partition(":table/")[2].partition("/")[0]
    return f"stream:{table.rpartition('-')[2]}"


def function_in(arn: str) -> str:
    """A function's full name in its ARN: `rollcall-dev-on_upload`."""
    return arn.partition(":function:")[2].partition(":")[0]


def _keys(document: dict[str, Any]) -> dict[str, Any]:
    for mark, names in KEYS.items():
        if mark in document:
            found = {name: document[name] for name in names if isinstance(document.get(name), str | int)}
            return {name: str(value)[:ID_CHARACTERS] for name, value in found.items()}
    return {}


def _object(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
