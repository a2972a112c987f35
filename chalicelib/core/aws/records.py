"""The attributes of every streamed row: its version, its times, and who last changed it.

An event's id, sequence and time come from these alone, so that the stream, the sweep and a replay agree on them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

from chalicelib.core import clock, context
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.core.aws.dynamo import Item

SCHEMA = 1
"""The schema number of every row, so that a later version of the app knows which form it reads."""

TOMBSTONE_DAYS = 400
OLDEST_COPY_DAYS = 35
"""How many days back a backup of DynamoDB can restore:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html"""

SWEEP_SHARDS = 32
"""Partitions of an hour of the index of changes, of each streamed table. A change costs two write units there (its
former entry goes), and no partition takes more than 1,000 a second. What is short of units in an index is refused in
its table too, so this is the limit of writes of a table: 16,000 changes a second.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html

It may grow: rows of before are in shards that are read still. It must not shrink."""


class Stamped(TypedDict):
    """The attributes of every streamed row. A tombstone has `deleted_at`."""

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
    """A new row at version 1, changed now, by the actor of the context."""
    moment = clock.timestamp()
    stamp = change_stamp(moment, str(fields.get("id", "")))
    return {"schema": SCHEMA, "version": 1, "created_at": moment, **fields, **stamp}


def change_stamp(moment: str | None = None, key: str = "") -> Item:
    """The attributes that every change of a streamed row sets beside its `version`, which grows by one.

    `changed_hour` is the key of the sweep's index: an hour, spread over a few shards so that no partition is hot.
    """
    moment = moment or clock.timestamp()
    caller = context.current()
    return {
        "updated_at": moment,
        "changed_by": caller.actor,
        "request_id": caller.request_id,
        "traceparent": caller.traceparent,
        "changed_hour": f"{moment[:13]}#{shard_of(key, SWEEP_SHARDS)}",
    }


def shard_of(key: str, shards: int) -> int:
    """In which of so many shards of an index a row with that key is: evenly spread, and always the same."""
    return sum(key.encode()) % shards


def tombstone_days() -> int:
    """How many days a tombstone is kept: longer than the history and any backup, so that nothing that comes late can
    restore the row."""
    return max(TOMBSTONE_DAYS, settings().history_days + OLDEST_COPY_DAYS)


def tombstone(item: Mapping[str, Any]) -> Item:
    """The tombstone of a deleted row, without its keys, which the owner of the table adds. It has no personal data, and
    a TTL."""
    return {
        "schema": SCHEMA,
        "version": int(item["version"]) + 1,
        "created_at": item["created_at"],
        "deleted_at": clock.timestamp(),
        "expires_at": clock.epoch() + tombstone_days() * 86400,
        **change_stamp(key=str(item.get("id", ""))),
    }


def is_live(item: Mapping[str, Any] | None) -> bool:
    """Whether the row exists and is neither deleted nor past its TTL, which DynamoDB applies late."""
    if item is None or "deleted_at" in item:
        return False
    return int(item.get("expires_at", clock.epoch() + 1)) > clock.epoch()
