"""A person's item into DynamoDB's typed JSON and back: `core.aws.dynamo` against boto3's own serializer."""

from __future__ import annotations

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from benchmarks.measuring import Measured, medians, microseconds
from chalicelib.core.aws.dynamo import from_item, to_item

ITEM = {
    "schema": 1,
    "id": "01JABCDEFGHJKMNPQRSTVWXYZ0",
    "email": "ada@example.com",
    "email_verified": True,
    "name": "Ada Lovelace",
    "age": 36,
    "locale": "en-GB",
    "attributes": {"theme": "dark", "tags": ["one", "two", "three"], "limits": {"a": 1, "b": 2}},
    "roles": ["admin", "support"],
    "status": "active",
    "version": 7,
    "created_at": "2026-01-01T00:00:00.000Z",
    "updated_at": "2026-01-01T00:00:00.000Z",
}
TIMES = 2000


def measure() -> list[Measured]:
    serializer, deserializer = TypeSerializer(), TypeDeserializer()
    typed = from_item(ITEM)
    runs = {
        "ours": lambda: microseconds(lambda: from_item(ITEM), TIMES),
        "boto3": lambda: microseconds(lambda: {k: serializer.serialize(v) for k, v in ITEM.items()}, TIMES),
        "ours back": lambda: microseconds(lambda: to_item(typed), TIMES),
        "boto3 back": lambda: microseconds(
            lambda: {k: deserializer.deserialize(v) for k, v in typed.items()}, TIMES
        ),
    }
    found = medians(runs, rounds=7, seconds=10)
    return [
        Measured("an item, written", found["ours"], found["boto3"], "us"),
        Measured("an item, read", found["ours back"], found["boto3 back"], "us"),
    ]
