"""The `deliveries` table: the log of every delivery, and the claims of attempts.

A row has the event's id, its key in history and its digest, and none of its data.
"""

from __future__ import annotations

import json
from datetime import timedelta
from functools import reduce
from itertools import islice
from operator import and_
from typing import TYPE_CHECKING, Any, cast

from chalicelib import events
from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.core.aws.dynamo import (
    BATCH_READ_LIMIT,
    ConditionFailed,
    Database,
    ResultPage,
    Table,
    absent,
    present,
)
from chalicelib.core.aws.dynamo.conditions import Attr, Key
from chalicelib.core.errors import NotFound, Unavailable
from chalicelib.webhooks import due_index
from chalicelib.webhooks.model import ATTEMPTS_KEPT, CLAIM_SECONDS, KEPT_DAYS, delivery_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chalicelib.core.aws.dynamo import Key as ItemKey
    from chalicelib.events import Event
    from chalicelib.webhooks.rows import Attempt, DeliveryKey, DeliveryRow, State


class Deliveries:
    """One delivery for each webhook and event. `tries` counts its attempts, and is the condition of every change."""

    def __init__(self, database: Database, table: Table[DeliveryRow]) -> None:
        self._database = database
        self._table = table

    def create(self, row: DeliveryRow) -> tuple[DeliveryRow, bool]:
        """Store a delivery (`new_deliveries`), or find it: (the delivery, whether it is new)."""
        try:
            self._table.put(row, absent())
        except ConditionFailed as conflict:
            return _stored(conflict) or row, False
        return row, True

    def create_all(self, wanted: Sequence[DeliveryRow]) -> list[tuple[DeliveryRow, bool] | Unavailable]:
        """As `create`, for any number of deliveries, 25 in a call; Unavailable for those for which DynamoDB has no room
        for about a second. Of a delivery that comes twice the first is stored."""
        rows = {(row["webhook_id"], row["id"]): row for row in reversed(wanted)}
        errors = self._table.insert_all(rows, lambda row: row)
        outcomes = {key: self._outcome(row, errors[key]) for key, row in rows.items()}
        return [outcomes[row["webhook_id"], row["id"]] for row in wanted]

    def _outcome(self, row: DeliveryRow, error: Exception | None) -> tuple[DeliveryRow, bool] | Unavailable:
        """What an insert came to. Raises an error after which it cannot succeed."""
        if isinstance(error, ConditionFailed):
            return self.create(row)  # which returns what is there
        if error is not None and not isinstance(error, Unavailable):
            raise error
        return error or (row, True)

    def exists(self, webhook_id: str, event: Event) -> bool:
        """Whether there is a delivery of the event.

        It asks by a write whose condition never holds, and which returns the row. The fan-out may write deliveries,
        but read none.
        """
        try:
            self._table.put(cast("DeliveryRow", _key(webhook_id, delivery_id(event))), present() & absent())
        except ConditionFailed as conflict:
            return conflict.item is not None
        return False

    def get(self, webhook_id: str, delivery: str) -> DeliveryRow:
        """The delivery. Raises NotFound where there is none."""
        row = self._table.get(_key(webhook_id, delivery))
        if row is None:
            raise NotFound(f"there is no delivery {delivery} to this webhook")
        return row

    def find_all(self, keys: Sequence[DeliveryKey]) -> list[DeliveryRow | None]:
        """The deliveries of these keys, in their order: one batch read."""
        wanted = [(self._table, _key(key["webhook_id"], key["id"])) for key in keys]
        return [cast("DeliveryRow | None", row) for row in self._database.batch_get(wanted)]

    def listing(
        self, webhook_id: str, *, limit: int, start: ItemKey | None, **wanted: str | None
    ) -> ResultPage[DeliveryRow]:
        """A webhook's deliveries, newest event first: those that have the `wanted` values, where one is not None."""
        conditions = [Attr(name).eq(value) for name, value in wanted.items() if value is not None]
        where = reduce(and_, conditions) if conditions else None
        return self._table.query(
            Key("webhook_id").eq(webhook_id), where=where, limit=limit, start=start, newest_first=True
        )

    def claim(self, webhook_id: str, delivery: str, tries: int) -> DeliveryRow:
        """Claim the attempt after the first `tries` ones. Raises ConditionFailed, with the delivery as it is, where
        that attempt was made already, is being made, or is not to be made any more."""
        free = Attr("claimed_until").not_exists() | Attr("claimed_until").lt(clock.epoch())
        return self._table.update(
            _key(webhook_id, delivery),
            set={"claimed_until": clock.epoch() + CLAIM_SECONDS},
            condition=present() & Attr("state").eq("waiting") & Attr("tries").eq(tries) & free,
        )

    def record(
        self, row: DeliveryRow, attempt: Attempt, state: State, delay: timedelta | None = None
    ) -> DeliveryRow:
        """Record a claimed attempt, and when the next one is due, and return the delivery.

        Where another invocation took the claim over in the meantime, what that one wrote stays.
        """
        changes = {
            "attempts": [*row["attempts"], attempt][-ATTEMPTS_KEPT:],
            "tries": row["tries"] + 1,
            "state": state,
        }
        return self._settle(row, {**changes, **due_index.waiting(row, delay, row["tries"] + 1)})

    def postpone(self, row: DeliveryRow, delay: timedelta) -> DeliveryRow:
        """Give a claim back without an attempt, which is due after `delay`, and return the delivery."""
        return self._settle(row, due_index.waiting(row, delay, row["tries"]))

    def reopen(self, row: DeliveryRow, *, replayed: bool = False) -> DeliveryRow:
        """Have a delivery attempted once more, whatever its state, and return it. `replayed` marks it as a replay's.

        It enters the index of what is due, so it is not lost if the caller crashes before queueing it. Raises
        Unavailable where it is being attempted at this moment.
        """
        try:
            return self._table.update(
                _key(row["webhook_id"], row["id"]),
                set={
                    "state": "waiting",
                    "asked_at": clock.timestamp(),
                    **({"replayed": True} if replayed else {}),
                    **due_index.waiting(row, timedelta(), row["tries"], indexed=True),
                },
                condition=present() & Attr("tries").eq(row["tries"]),
            )
        except ConditionFailed as conflict:
            raise Unavailable("this delivery is being attempted") from conflict

    def event(self, row: DeliveryRow) -> Event | None:
        """The event of a delivery, as history has it now, or None where it has none."""
        event = json.loads(row["event"]) if "event" in row else _from_history(row)
        return {**event, "replayed": "true"} if event and row.get("replayed") else event

    def about(self, subject: str, webhook_ids: Sequence[str]) -> Iterator[DeliveryRow]:
        """The deliveries to these webhooks of a subject's events. They are read by their keys, which follow from the
        events."""
        since = clock.timestamp(clock.now() - timedelta(days=KEPT_DAYS + 1))
        keys = (
            (self._table, _key(webhook_id, delivery_id({"time": time, "id": event_id})))
            for time, event_id in events.keys_since(subject, since)
            for webhook_id in webhook_ids
        )
        while key_batch := list(islice(keys, BATCH_READ_LIMIT)):
            found = self._database.batch_get(key_batch)
            yield from (cast("DeliveryRow", row) for row in found if row is not None)

    def erase_answers(self, row: DeliveryRow) -> None:
        """Erase what the endpoint answered, unless another attempt was made since the row was read."""
        attempts = [
            {name: value for name, value in attempt.items() if name != "response"} for attempt in row["attempts"]
        ]
        try:
            self._table.update(
                _key(row["webhook_id"], row["id"]),
                set={"attempts": attempts},
                condition=present() & Attr("tries").eq(row["tries"]),
            )
        except ConditionFailed:
            return

    def _settle(self, row: DeliveryRow, changes: dict[str, Any]) -> DeliveryRow:
        """Write a change that ends a claim. Where another invocation wrote first, what it wrote is returned."""
        removed = ["claimed_until", *(name for name in ("due_shard", "due_at", "next_at") if name not in changes)]
        try:
            return self._table.update(
                _key(row["webhook_id"], row["id"]),
                set=changes,
                remove=removed,
                condition=present() & Attr("tries").eq(row["tries"]) & Attr("state").eq("waiting"),
            )
        except ConditionFailed as conflict:
            return _stored(conflict) or row


def _stored(conflict: ConditionFailed) -> DeliveryRow | None:
    """The row that kept a condition from holding."""
    return cast("DeliveryRow | None", conflict.item)


def _key(webhook_id: str, delivery: str) -> ItemKey:
    return {"webhook_id": webhook_id, "id": delivery}


def _from_history(row: DeliveryRow) -> Event | None:
    time, _, event_id = row["at"].partition("#")
    return events.find(row["subject"], time, event_id)


@clients.once
def deliveries() -> Deliveries:
    """The stage's deliveries."""
    return Deliveries(clients.database(), clients.table("deliveries"))
