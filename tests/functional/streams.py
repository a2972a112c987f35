"""What AWS hands to handlers: DynamoDB stream events from pairs of images, and SQS events from bodies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chalicelib.core.aws.dynamo import Item, from_item
from tests.cloudlike import NAMES
from tests.environment import ACCOUNT, REGION
from tests.system import KEYS

if TYPE_CHECKING:
    from collections.abc import Iterable

Pair = tuple[Item | None, Item | None]


def stream_event(table: str, *pairs: Pair, expired: bool = False) -> dict[str, Any]:
    """The Lambda event of these changes of a table, each the item before and after."""
    return {"Records": [_record(table, position, pair, expired) for position, pair in enumerate(pairs)]}


def queue_event(queue: str, bodies: Iterable[Any]) -> dict[str, Any]:
    """The Lambda event of these SQS messages; what is not text becomes JSON."""
    return {
        "Records": [
            {
                "messageId": f"m{position}",
                "receiptHandle": f"r{position}",
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{NAMES.of(queue)}",
            }
            for position, body in enumerate(bodies)
        ]
    }


def _record(table: str, position: int, pair: Pair, expired: bool) -> dict[str, Any]:
    old, new = pair
    image = new or old or {}
    data: dict[str, Any] = {
        "Keys": from_item({name: image[name] for name in KEYS[table] if name in image}),
        "SequenceNumber": str(position + 1),
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }
    if old is not None:
        data["OldImage"] = from_item(old)
    if new is not None:
        data["NewImage"] = from_item(new)
    record = {
        "eventID": str(position),
        "eventName": "REMOVE" if new is None else "MODIFY" if old else "INSERT",
        "eventSource": "aws:dynamodb",
        "eventSourceARN": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{NAMES.of(table)}/stream/2026-01-01T00:00:00",
        "dynamodb": data,
    }
    if expired:
        record["userIdentity"] = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    return record
