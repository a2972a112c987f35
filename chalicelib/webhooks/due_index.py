"""The index `due-index` of the table `deliveries`: whose next attempt is due, where it is further away than SQS can
delay a message, and that of each delivery to an OAuth client."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.core.aws.dynamo import ConditionFailed, Table
from chalicelib.core.aws.dynamo.conditions import Attr, Key
from chalicelib.webhooks.model import LOGOUT_GRACE, ON_THE_QUEUE, is_logout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from chalicelib.webhooks.rows import DeliveryKey, DeliveryRow

SHARDS = 4
"""Partitions of the index. It holds only what waits, so it stays small."""


@dataclass(frozen=True)
class Due:
    """A delivery whose next attempt is due, as the index has it."""

    webhook_id: str
    id: str
    tries: int
    due_at: str


class DueDeliveries:
    """What the index holds."""

    def __init__(self, table: Table[DeliveryRow]) -> None:
        self._table = table

    def overdue(self) -> Iterator[Due]:
        """Every delivery whose next attempt is due, the longest overdue first within each shard."""
        until = clock.timestamp() + "#~"
        for shard in range(SHARDS):
            of_shard = Key("due_shard").eq(str(shard)) & Key("due_at").lte(until)
            for entry in self._table.query_all(of_shard, index="due-index"):
                tries = int(entry["due_at"].rpartition("#")[2])
                yield Due(entry["webhook_id"], entry["id"], tries, entry["due_at"])

    def defer(self, due: Due) -> None:
        """Have a delivery to an OAuth client come again later, unless what was queued for it settles it before."""
        later = waiting({"webhook_id": due.webhook_id, "id": due.id}, LOGOUT_GRACE, due.tries)
        try:
            self._table.update(
                {"webhook_id": due.webhook_id, "id": due.id}, set=later, condition=Attr("due_at").eq(due.due_at)
            )
        except ConditionFailed:
            return

    def leave(self, due: Due) -> None:
        """Take a delivery that has been queued out of the index."""
        try:
            self._table.update(
                {"webhook_id": due.webhook_id, "id": due.id},
                remove=("due_shard", "due_at"),
                condition=Attr("due_at").eq(due.due_at),
            )
        except ConditionFailed:
            return


def waiting(row: DeliveryKey, delay: timedelta | None, tries: int, *, indexed: bool = False) -> dict[str, str]:
    """The attributes of a delivery that waits. It is in the index, unless SQS can delay its message for so long. That
    to an OAuth client always is: its message holds a token, which would not be good after the delay.

    The index holds its keys only, so its sort key also says which attempt is due.
    """
    if delay is None:
        return {}
    next_at = clock.timestamp(clock.now() + delay)
    if delay <= ON_THE_QUEUE and not (indexed or is_logout(row["webhook_id"])):
        return {"next_at": next_at}
    shard = zlib.crc32(f"{row['webhook_id']}{row['id']}".encode()) % SHARDS
    return {"next_at": next_at, "due_shard": str(shard), "due_at": f"{next_at}#{tries}"}


@clients.once
def due_deliveries() -> DueDeliveries:
    """The stage's deliveries that wait."""
    return DueDeliveries(clients.table("deliveries"))
