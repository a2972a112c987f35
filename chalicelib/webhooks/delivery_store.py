"""The `deliveries` table: the log of every delivery, the claims of those who attempt one, and the index of what is
due. A row names its event and where history keeps it, and knows it by a digest; it holds none of the event's data.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, Key

from chalicelib import events
from chalicelib.core import clock, wire
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import (
    BATCH_READ_LIMIT,
    ConditionFailed,
    Database,
    Item,
    Page,
    Table,
    absent,
    present,
)
from chalicelib.core.errors import NotFound, Unavailable
from chalicelib.webhooks.model import ATTEMPTS_KEPT, CLAIM_SECONDS, ON_THE_QUEUE, delivery_id, event_digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chalicelib.webhooks.model import State

KEPT_DAYS = 30

DUE_SHARDS = 4
"""Partitions of the index of what is due. It holds only what waits, so it stays small."""


@dataclass(frozen=True)
class Due:
    """A delivery whose time has come, as the index tells it."""

    webhook_id: str
    id: str
    tries: int
    due_at: str


class Deliveries:
    """One delivery per webhook and event. `tries` counts its attempts: it guards every change of a delivery."""

    def __init__(self, database: Database, table: Table) -> None:
        self._database = database
        self._table = table

    def create(self, webhook_id: str, event: dict[str, Any], *, keep_event: bool = False) -> tuple[Item, bool]:
        """Make the delivery of an event, or find it: (the delivery, whether it is new). `keep_event` is for events
        that history does not know, and that hold no personal data."""
        row: Item = {
            "webhook_id": webhook_id,
            "id": delivery_id(event),
            "schema": records.SCHEMA,
            "event_id": event["id"],
            "type": event["type"],
            "subject": event["subject"],
            "at": f"{event['time']}#{event['id']}",
            "digest": event_digest(event),
            "state": "waiting",
            "tries": 0,
            "attempts": [],
            "created_at": clock.timestamp(),
            "expires_at": clock.epoch() + KEPT_DAYS * 86400,
            **({"replayed": True} if event.get("replayed") == "true" else {}),
            **({"event": wire.to_json(event)} if keep_event else {}),
        }
        try:
            self._table.put(row, absent())
        except ConditionFailed as met:
            return met.item or row, False
        return row, True

    def is_known(self, webhook_id: str, event: dict[str, Any]) -> bool:
        """Whether there is a delivery of the event. By a write that is never done, whose refusal shows what is there:
        who fans out may write deliveries, and read none."""
        try:
            self._table.put({"webhook_id": webhook_id, "id": delivery_id(event)}, present() & absent())
        except ConditionFailed as met:
            return met.item is not None
        return False

    def get(self, webhook_id: str, delivery: str) -> Item:
        """The delivery. Raises NotFound where there is none."""
        row = self._table.get({"webhook_id": webhook_id, "id": delivery})
        if row is None:
            raise NotFound(f"there is no delivery {delivery} to this webhook")
        return row

    def listing(self, webhook_id: str, *, state: State | None, limit: int, start: Item | None) -> Page:
        """A webhook's deliveries, newest event first."""
        where = Attr("state").eq(state) if state else None
        return self._table.query(
            Key("webhook_id").eq(webhook_id), where=where, limit=limit, start=start, newest_first=True
        )

    def claim(self, webhook_id: str, delivery: str, tries: int) -> Item:
        """Take the attempt that follows the first `tries` ones. Raises ConditionFailed, with the delivery as it is,
        where it was made already, is being made, or is wanted no more."""
        free = Attr("claimed_until").not_exists() | Attr("claimed_until").lt(clock.epoch())
        return self._table.update(
            {"webhook_id": webhook_id, "id": delivery},
            set={"claimed_until": clock.epoch() + CLAIM_SECONDS},
            condition=present() & Attr("state").eq("waiting") & Attr("tries").eq(tries) & free,
        )

    def record(self, row: Item, attempt: dict[str, Any], state: State, delay: timedelta | None = None) -> Item:
        """Write down a claimed attempt, and when the next one is due, and return the delivery.

        Where another took the claim over in the meantime, what that one wrote stands.
        """
        changes = {
            "attempts": [*row["attempts"], attempt][-ATTEMPTS_KEPT:],
            "tries": row["tries"] + 1,
            "state": state,
        }
        return self._settle(row, {**changes, **_waiting(row, delay, row["tries"] + 1)})

    def postpone(self, row: Item, delay: timedelta) -> Item:
        """Give a claim back without an attempt, until later: the delivery."""
        return self._settle(row, _waiting(row, delay, row["tries"]))

    def reopen(self, row: Item, *, replayed: bool = False) -> Item:
        """Have a delivery attempted once more, whatever became of it, and marked where a replay wants it. It is in the
        index of what is due, so it is not lost if whoever asks crashes before queueing it. Raises Unavailable where it
        is just being attempted."""
        try:
            return self._table.update(
                {"webhook_id": row["webhook_id"], "id": row["id"]},
                set={
                    "state": "waiting",
                    "asked_at": clock.timestamp(),
                    **({"replayed": True} if replayed else {}),
                    **_waiting(row, timedelta(), row["tries"], indexed=True),
                },
                condition=present() & Attr("tries").eq(row["tries"]),
            )
        except ConditionFailed as met:
            raise Unavailable("this delivery is being attempted") from met

    def due(self) -> Iterator[Due]:
        """Everything whose time has come, the longest overdue first within each shard."""
        until = clock.timestamp() + "#~"
        for shard in range(DUE_SHARDS):
            found = Key("due_shard").eq(str(shard)) & Key("due_at").lte(until)
            for entry in self._table.query_all(found, index="due-index"):
                tries = int(entry["due_at"].rpartition("#")[2])
                yield Due(entry["webhook_id"], entry["id"], tries, entry["due_at"])

    def taken_up(self, due: Due) -> None:
        """Drop from the index what has been queued."""
        try:
            self._table.update(
                {"webhook_id": due.webhook_id, "id": due.id},
                remove=("due_shard", "due_at"),
                condition=Attr("due_at").eq(due.due_at),
            )
        except ConditionFailed:
            return

    def event(self, row: Item) -> dict[str, Any] | None:
        """The event of a delivery, as history has it now, or None where it has none."""
        event = json.loads(row["event"]) if "event" in row else _past(row)
        return {**event, "replayed": "true"} if event and row.get("replayed") else event

    def about(self, subject: str, webhook_ids: Sequence[str]) -> Iterator[Item]:
        """The deliveries to these webhooks of a subject's events. A delivery's key follows from its event, so none
        is searched for."""
        since = clock.timestamp(clock.now() - timedelta(days=KEPT_DAYS + 1))
        keys = (
            (self._table, {"webhook_id": webhook_id, "id": delivery_id({"time": time, "id": event_id})})
            for time, event_id in events.known_since(subject, since)
            for webhook_id in webhook_ids
        )
        while some := list(islice(keys, BATCH_READ_LIMIT)):
            yield from (row for row in self._database.batch_get(some) if row is not None)

    def forget_answers(self, row: Item) -> None:
        """Drop what the endpoint answered, unless an attempt comes between."""
        attempts = [{name: value for name, value in one.items() if name != "response"} for one in row["attempts"]]
        try:
            self._table.update(
                {"webhook_id": row["webhook_id"], "id": row["id"]},
                set={"attempts": attempts},
                condition=present() & Attr("tries").eq(row["tries"]),
            )
        except ConditionFailed:
            return

    def _settle(self, row: Item, changes: Item) -> Item:
        gone = ["claimed_until", *(name for name in ("due_shard", "due_at", "next_at") if name not in changes)]
        try:
            return self._table.update(
                {"webhook_id": row["webhook_id"], "id": row["id"]},
                set=changes,
                remove=gone,
                condition=present() & Attr("tries").eq(row["tries"]) & Attr("state").eq("waiting"),
            )
        except ConditionFailed as met:
            return met.item or row


def _past(row: Item) -> events.Event | None:
    time, _, event_id = row["at"].partition("#")
    return events.find(row["subject"], time, event_id)


def _waiting(row: Item, delay: timedelta | None, tries: int, *, indexed: bool = False) -> Item:
    """What marks a delivery that waits: in the index of what is due, unless its queue can hold it for so long.

    The index's key also says which attempt is due, for it holds nothing else of the delivery.
    """
    if delay is None:
        return {}
    next_at = clock.timestamp(clock.now() + delay)
    if delay <= ON_THE_QUEUE and not indexed:
        return {"next_at": next_at}
    shard = zlib.crc32(f"{row['webhook_id']}{row['id']}".encode()) % DUE_SHARDS
    return {"next_at": next_at, "due_shard": str(shard), "due_at": f"{next_at}#{tries}"}


@clients.once
def deliveries() -> Deliveries:
    """The stage's deliveries."""
    return Deliveries(clients.database(), clients.table("deliveries"))
