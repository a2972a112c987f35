"""Keeps what can never succeed, with the reason, in a dead-letter queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core import logs, wire
from chalicelib.core.aws import clients
from chalicelib.core.aws.packing import SQS_BYTES, message_attributes, message_bytes
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable


def park(source: str, keys: Any, why: str) -> None:
    """Keep the keys of what cannot be processed, and the reason, in the dead-letter queue of its kind."""
    queue = "streams-dlq" if source.startswith("stream:") or source == "aws:kinesis" else "invocations-dlq"
    clients.send(queue, wire.to_json({"source": source, "keys": keys, "reason": why}, default=str))


def park_message(queue: str, record: dict[str, Any], why: str, kept: Callable[[str], str]) -> None:
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


def described(describe: Callable[[dict[str, Any]], Any], record: dict[str, Any]) -> Any:
    """What is kept of a record that is parked: nothing, where it is so odd that even that cannot be told."""
    try:
        return describe(record)
    except Exception as error:
        logs.failure("parked without its keys", error)
        return None
