"""Publishes events to the topic `user-events`: those of a stream's changes, and whatever was missed or is replayed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.core import batch, clients, logs
from chalicelib.core.errors import Unavailable
from chalicelib.core.settings import settings
from chalicelib.events.change import events_of
from chalicelib.events.model import Event, to_json

if TYPE_CHECKING:
    from collections.abc import Sequence

BATCH_LIMIT = 10
"""Messages in one PublishBatch: https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html"""

FLAGS = ("bulk", "replayed")
"""Extension attributes that subscribers may filter by, besides the type; they are there only when true."""


@dataclass(frozen=True)
class Refusal:
    """An event that SNS did not take, and its error code."""

    event: Event
    code: str


def publish_changes(table: str, event: dict[str, Any]) -> None:
    """Publish the events of the changes in a DynamoDB stream event of the table of that short name.

    Raises Transient where the batch must come again: its events then come again too, under the same ids. A change
    that makes no sense is parked by its keys.
    """
    public_url = settings().public_url
    collected: list[Event] = []

    def collect(change: batch.Change) -> None:
        events = events_of(change.table, change.old, change.new, change.expired, public_url=public_url)
        collected.extend(events)

    def finish() -> None:
        park(f"stream:{table}", publish(collected, source=f"stream:{table}"))

    batch.from_stream(table, event, collect, finish)


def publish(events: Sequence[Event], *, source: str) -> list[Refusal]:
    """Publish events in tens: those that can never be, as they are. Raises Unavailable where any must come again."""
    refused: list[Refusal] = []
    again: list[str] = []
    for start in range(0, len(events), BATCH_LIMIT):
        for refusal, is_final in _publish_batch(events[start : start + BATCH_LIMIT]):
            if is_final:
                refused.append(refusal)
            else:
                again.append(refusal.code)
    taken = len(events) - len(refused) - len(again)
    if taken:
        logs.count("Published", taken, source=source)
        requests = sorted({event["requestid"] for event in events if "requestid" in event})
        logs.info("published", source=source, events=taken, requests=requests)
    if again:
        raise Unavailable(f"{len(again)} events were not published: {', '.join(sorted(set(again)))}")
    return refused


def park(source: str, refused: Sequence[Refusal]) -> None:
    """Keep the ids of events that can never be published, and why, in the dead-letter queue of their source."""
    for refusal in refused:
        keys = {"event": refusal.event["id"], "type": refusal.event["type"]}
        batch.park(source, keys, f"SNS refused it: {refusal.code}")


def _publish_batch(events: Sequence[Event]) -> list[tuple[Refusal, bool]]:
    """One PublishBatch: the events that it did not take, and whether it never will."""
    answer = clients.client("sns").publish_batch(
        TopicArn=settings().arn("sns", settings().names.of("user-events")),
        PublishBatchRequestEntries=[
            {"Id": str(position), "Message": to_json(event), "MessageAttributes": _attributes(event)}
            for position, event in enumerate(events)
        ],
    )
    return [
        (
            Refusal(events[int(failure["Id"])], failure["Code"]),
            bool(failure["SenderFault"]) and not batch.comes_again(failure["Code"]),
        )
        for failure in answer.get("Failed", [])
    ]


def _attributes(event: Event) -> dict[str, Any]:
    texts = {"type": event["type"], **{flag: "true" for flag in FLAGS if event.get(flag) == "true"}}
    if event["data"].get("new_device") is True:
        texts["new_device"] = "true"
    return {name: {"DataType": "String", "StringValue": text} for name, text in texts.items()}
