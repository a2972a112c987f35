"""What every item that is streamed carries: its version, its times, and in whose name it was last changed.

An event's id, sequence and time come from these alone, so the stream, the sweep and a replay agree on them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

from chalicelib.core import clock, context
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.core.aws.dynamo import Item

SCHEMA = 1
"""Of every item, so that a later version can tell what it reads."""

TOMBSTONE_DAYS = 400
OLDEST_COPY_DAYS = 35
"""What a backup of DynamoDB can bring back: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html"""

SWEEP_SHARDS = 4


class Stamped(TypedDict):
    """The attributes of every item that is streamed. One that was deleted has `deleted_at`."""

    schema: int
    version: int
    created_at: str
    updated_at: str
    changed_by: str
    request_id: str
    traceparent: str
    changed_hour: str
    deleted_at: NotRequired[str]


def new(**fields: object) -> Item:
    """A new item at version 1, changed now, by whom the context names."""
    moment = clock.timestamp()
    item: Item = {"schema": SCHEMA, "version": 1, "created_at": moment, **fields}
    return {**item, **change_stamp(moment, str(item.get("id", "")))}


def change_stamp(moment: str | None = None, key: str = "") -> Item:
    """The attributes that every change of a streamed item sets beside its `version`, which grows by one.

    `changed_hour` is the key of the sweep's index: an hour, spread over a few partitions so none is hot.
    """
    moment = moment or clock.timestamp()
    known = context.current()
    return {
        "updated_at": moment,
        "changed_by": known.actor,
        "request_id": known.request_id,
        "traceparent": known.traceparent,
        "changed_hour": f"{moment[:13]}#{shard_of(key, SWEEP_SHARDS)}",
    }


def shard_of(key: str, shards: int) -> int:
    """Which of so many partitions of an index an item with that key is in: spread evenly, and always the same."""
    return sum(key.encode()) % shards


def tombstone_days() -> int:
    """How long the tombstone of a deleted record is kept: it outlives the history, so that nothing late resurrects the
    record."""
    return max(TOMBSTONE_DAYS, settings().history_days + OLDEST_COPY_DAYS)


def tombstone(item: Mapping[str, Any]) -> Item:
    """What is left of a deleted item: its keys' owner decides which those are; no personal data, and a TTL."""
    return {
        "schema": SCHEMA,
        "version": int(item["version"]) + 1,
        "created_at": item["created_at"],
        "deleted_at": clock.timestamp(),
        "expires_at": clock.epoch() + tombstone_days() * 86400,
        **change_stamp(key=str(item.get("id", ""))),
    }


def is_live(item: Mapping[str, Any] | None) -> bool:
    """Whether there is such an item and it is neither deleted nor past its TTL (which DynamoDB applies late)."""
    if item is None or "deleted_at" in item:
        return False
    return int(item.get("expires_at", clock.epoch() + 1)) > clock.epoch()
