"""Sends what can never succeed to a dead-letter queue, with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core import logs, wire
from chalicelib.core.aws import clients
from chalicelib.core.aws.packing import SQS_BYTES, message_attributes, message_bytes
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable


def park(source: str, keys: Any, why: str) -> None:
    """Send the keys of a record that cannot be processed, and the reason, to the dead-letter queue of its kind."""
    queue = "streams-dlq" if source.startswith("stream:") or source == "aws:kinesis" else "invocations-dlq"
    clients.send(queue, wire.to_json({"source": source, "keys": keys, "reason": why}, default=str))


def park_message(queue: str, record: dict[str, Any], why: str, redact: Callable[[str], str]) -> None:
    """Send a message to its dead-letter queue, with its body as `redact` returns it, and with the reason where there is
    room: a message may fill all that SQS accepts, and the reason adds attributes to it."""
    body = wire.text(redact(str(record.get("body") or "(empty)")))
    attributes = {"reason": why, "message_id": str(record.get("messageId") or "unknown")}
    fits = message_bytes(body, {name: wire.text(text) for name, text in attributes.items()}) <= SQS_BYTES
    clients.client("sqs").send_message(
        QueueUrl=settings().queue_url(f"{queue}-dlq"),
        MessageBody=body,
        MessageAttributes=message_attributes(attributes if fits else {}),
    )
    if not fits:
        logs.info("parked without its reason", source=queue, about=attributes["message_id"], reason=why)


def described(describe: Callable[[dict[str, Any]], Any], record: dict[str, Any]) -> Any:
    """What is stored of a parked record: nothing, where it is so malformed that `describe` fails."""
    try:
        return describe(record)
    except Exception as error:
        logs.failure("parked without its keys", error)
        return None
