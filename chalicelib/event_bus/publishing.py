"""Publishes events to the topic `user-events`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.core import logs, wire
from chalicelib.core.aws import batch, clients
from chalicelib.core.aws.packing import (
    SNS_BYTES,
    batches,
    message_attributes,
    message_bytes,
)
from chalicelib.core.errors import Unavailable
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.event_bus.envelope import Event

FLAGS = ("bulk", "replayed")
"""Extension attributes that subscribers may filter by, besides the type; they are there only when true."""


@dataclass(frozen=True)
class Refusal:
    """An event that SNS did not take, and its error code."""

    event: Event
    code: str


def publish(events: Sequence[Event], *, source: str) -> list[Refusal]:
    """Publish events, as many at once as SNS takes. Returns the ones that SNS will never take. Raises Unavailable where
    some must be published again."""
    refused: list[Refusal] = []
    transient: list[str] = []
    messages = map(_Message.of, events)
    for message_batch in batches(messages, _Message.size, limit=SNS_BYTES):
        for refusal, is_final in _publish_batch(message_batch):
            if is_final:
                refused.append(refusal)
            else:
                transient.append(refusal.code)
    taken = len(events) - len(refused) - len(transient)
    if taken:
        logs.count("Published", taken, source=source)
        requests = sorted({event["requestid"] for event in events if "requestid" in event})
        logs.info("published", source=source, events=taken, requests=requests)
    if transient:
        raise Unavailable(f"{len(transient)} events were not published: {', '.join(sorted(set(transient)))}")
    return refused


def park(source: str, refused: Sequence[Refusal]) -> None:
    """Keep the ids of events that can never be published, and why, in the dead-letter queue of their source."""
    for refusal in refused:
        keys = {"event": refusal.event["id"], "type": refusal.event["type"]}
        batch.park(source, keys, f"SNS refused it: {refusal.code}")


@dataclass(frozen=True)
class _Message:
    """An event as SNS takes it."""

    event: Event
    body: str
    attributes: dict[str, str]

    @classmethod
    def of(cls, event: Event) -> _Message:
        attributes = {"type": event["type"], **{flag: "true" for flag in FLAGS if event.get(flag) == "true"}}
        if event["data"].get("new_device") is True:
            attributes["new_device"] = "true"
        return cls(event, wire.to_json(event), attributes)

    def size(self) -> int:
        return message_bytes(self.body, self.attributes)

    def entry(self, position: int) -> dict[str, Any]:
        return {
            "Id": str(position),
            "Message": self.body,
            "MessageAttributes": message_attributes(self.attributes),
        }


def _publish_batch(messages: Sequence[_Message]) -> list[tuple[Refusal, bool]]:
    """One PublishBatch: each event that SNS did not take, and whether it never will."""
    answer = clients.client("sns").publish_batch(
        TopicArn=settings().arn("sns", settings().names.of("user-events")),
        PublishBatchRequestEntries=[message.entry(position) for position, message in enumerate(messages)],
    )
    return [
        (
            Refusal(messages[int(failure["Id"])].event, failure["Code"]),
            bool(failure["SenderFault"]) and not batch.is_transient_code(failure["Code"]),
        )
        for failure in answer.get("Failed", [])
    ]
