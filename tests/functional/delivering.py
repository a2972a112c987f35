"""Steps of tests of deliveries: an endpoint, an event, its fan-out, an attempt."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.core.aws import clients, telemetry
from chalicelib.webhooks import endpoints
from tests import system
from tests.cloudlike import sqs_record


def happened(number: int = 1, **changes: object) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"users:U1:{number}:0",
        "source": "https://rollcall.example",
        "type": "user.updated",
        "subject": "U1",
        "time": "2026-03-01T11:59:59.500Z",
        "sequence": f"{number:012d}",
        "data": {"user": {"id": "U1", "name": "Ann"}},
        **changes,
    }


def webhook(receiver: Any, **fields: object) -> tuple[str, str]:
    """Make an endpoint: its id and its secret."""
    made, secret = endpoints.create({"url": receiver.url, "types": [], **fields})
    return made["id"], secret


def publish(stage: Any, *events: dict[str, Any]) -> None:
    """Have these events fanned out."""
    for event in events:
        clients.send("webhooks", json.dumps(event))
    system.consume("webhooks", {"Records": stage.take("webhooks")})


def attempt(stage: Any, records: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """Attempt what is queued, or these records: those of the attempts that are put off on the queue."""
    with telemetry.recording() as calls:
        system.consume("deliveries", {"Records": stage.take("deliveries") if records is None else records})
    put_off = [
        call.parameters for call in calls.of("SendMessage") if call.parameters["QueueUrl"].endswith("deliveries")
    ]
    return [{**queued(call["MessageBody"]), "delay": call["DelaySeconds"]} for call in put_off]


def queued(body: str) -> dict[str, Any]:
    return sqs_record("deliveries", {"MessageId": "M", "ReceiptHandle": "R", "Body": body})


def keep(stage: Any, event: dict[str, Any]) -> None:
    at = f"{event['time']}#{event['id']}"
    stage.put("history", {"subject": event["subject"], "at": at, "event": json.dumps(event)})


def rows(stage: Any) -> list[dict[str, Any]]:
    return sorted(stage.rows("deliveries"), key=lambda row: row["id"])
