"""The `insights` table: tallies that events are counted into, and the days, months and total they are rolled into.

`tally#<n>` takes counts as events come, under names like `2026-03-01/sign_ins`; `seen#<event id>` says that an event
was counted. Every hour the tallies are emptied into `day#2026-03-01`, `month#2026-03` and `total`. Whoever reads adds
what still lies in the tallies, so nothing waits for the hour to be seen.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from boto3.dynamodb.conditions import Attr

from chalicelib.core import clock
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import (
    Action,
    Database,
    Item,
    Table,
    TransactionRefused,
    absent,
    together,
)
from chalicelib.core.errors import Unavailable
from chalicelib.insights.model import Counts, added, by_day, tally

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.events import Event

TALLIES = 8
"""Counters that events are spread over: two transactions on one item at once cancel each other."""

SEEN_DAYS = 60
"""Longer than a message can live: 14 days in its queue, and 14 more in the dead-letter queue."""

ATTEMPTS = 5
COUNTED_AT_ONCE = 90
"""Events in a transaction, which takes 100 actions."""

DAYS_AT_ONCE = 30
"""Days of a tally that one transaction rolls up, with at most as many months, beside tally and total."""

COUNTERS_AT_ONCE = 100
"""Counters that one expression takes away, in less than 1 KB: DynamoDB takes 4 KB
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-expression-parameters)."""

_TALLY_IDS = [f"tally#{n}" for n in range(TALLIES)]


@dataclass(frozen=True)
class Insights:
    """Counts of days, of months, and of all time."""

    days: dict[str, Counts]
    months: dict[str, Counts]
    total: Counts


class Counters:
    """Counts that go up once for each event."""

    def __init__(self, database: Database, table: Table) -> None:
        self._database = database
        self._table = table

    def count(self, events: Sequence[Event]) -> int:
        """Count events, each once however often it comes: how many were new.

        Raises Unavailable where other counting keeps getting in the way.
        """
        new = list({event["id"]: event for event in events}.values())
        return sum(
            self._count_together(new[start : start + COUNTED_AT_ONCE])
            for start in range(0, len(new), COUNTED_AT_ONCE)
        )

    def roll_up(self) -> int:
        """Empty the tallies into days, months and total: how many counts were moved. A crash or a repetition
        moves none twice, because a tally is emptied in the transaction that adds what it held, and only if it
        still holds just that."""
        return sum(self._roll_up_tally(tally_id) for tally_id in _TALLY_IDS)

    def read(self, days: Sequence[str], months: Sequence[str]) -> Insights:
        """The counts of these days and months, and of all time, up to now."""
        ids = [*_TALLY_IDS, "total", *(f"day#{day}" for day in days), *(f"month#{month}" for month in months)]
        rows = self._database.batch_get([(self._table, {"id": row_id}) for row_id in ids], consistent=False)
        found = {row_id: row or {} for row_id, row in zip(ids, rows, strict=True)}
        waiting = [by_day(found[tally_id]) for tally_id in _TALLY_IDS]

        def sum_of(row_id: str, prefix: str) -> Counts:
            parts = [counts for part in waiting for day, counts in part.items() if day.startswith(prefix)]
            return added(found[row_id], *parts)

        return Insights(
            days={day: sum_of(f"day#{day}", day) for day in days},
            months={month: sum_of(f"month#{month}", month) for month in months},
            total=sum_of("total", ""),
        )

    def _count_together(self, events: list[Event]) -> int:
        for _ in range(ATTEMPTS):
            if not events:
                return 0
            try:
                seeing = {event["id"]: self._seeing(event) for event in events}
                self._database.transact(together(seeing, {"tally": self._adding(events)}))
            except TransactionRefused as refused:
                events = [event for event in events if event["id"] not in refused.failed]
            except Unavailable:
                continue
            else:
                return len(events)
        raise Unavailable("the counters are being changed by others")

    def _seeing(self, event: Event) -> Action:
        seen = {"id": f"seen#{event['id']}", "schema": records.SCHEMA}
        return self._table.putting({**seen, "expires_at": clock.epoch() + SEEN_DAYS * 86400}, absent())

    def _adding(self, events: Sequence[Event]) -> Action:
        shard = zlib.crc32(events[0]["id"].encode()) % TALLIES
        return self._up(f"tally#{shard}", {**tally(events), "changes": 1})

    def _roll_up_tally(self, tally_id: str) -> int:
        moved = 0
        for _ in range(ATTEMPTS):
            held = self._table.get({"id": tally_id}) or {}
            days = _oldest(by_day(held))
            if not days:
                return moved
            try:
                self._database.transact(self._rolling(tally_id, held, days))
            except (TransactionRefused, Unavailable):
                continue
            moved += sum(sum(counts.values()) for counts in days.values())
        return moved

    def _rolling(self, tally_id: str, held: Item, days: Mapping[str, Counts]) -> dict[str, Action]:
        months: dict[str, list[Counts]] = {}
        for day, counts in days.items():
            months.setdefault(day[:7], []).append(counts)
        emptied = self._table.updating(
            {"id": tally_id},
            add={"changes": 1},
            remove=[f"{day}/{name}" for day, counts in days.items() for name in counts],
            condition=Attr("changes").eq(held["changes"]),
        )
        risen = {
            **{f"day#{day}": counts for day, counts in days.items()},
            **{f"month#{month}": added(*parts) for month, parts in months.items()},
            "total": added(*days.values()),
        }
        return {tally_id: emptied, **{row_id: self._up(row_id, counts) for row_id, counts in risen.items()}}

    def _up(self, row_id: str, counts: Counts) -> Action:
        risen = {name: count for name, count in counts.items() if count}
        return self._table.updating({"id": row_id}, set={"schema": records.SCHEMA}, add=risen)


def _oldest(days: Mapping[str, Counts]) -> dict[str, Counts]:
    """As many days, from the oldest on, as one transaction rolls up: one at least."""
    taken: dict[str, Counts] = {}
    left = COUNTERS_AT_ONCE
    for day, counts in sorted(days.items())[:DAYS_AT_ONCE]:
        left -= len(counts)
        if left < 0 and taken:
            break
        taken[day] = counts
    return taken


@clients.once
def counters() -> Counters:
    """The stage's counters."""
    return Counters(clients.database(), clients.table("insights"))
