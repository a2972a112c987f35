"""The `insights` table: tallies that events are counted into, and the days, months and total they are rolled into.

Events are counted into `tally#<n>` as they come, under names such as `2026-03-01/sign_ins`; `seen#<event id>` says that
an event was counted. Every hour the tallies are emptied into `day#2026-03-01`, `month#2026-03` and `total`. A read adds
what is still in the tallies, so counts are seen at once.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import (
    TRANSACTION_LIMIT,
    Action,
    Database,
    Table,
    TransactionRefused,
    absent,
    together,
)
from chalicelib.core.aws.dynamo.conditions import Attr
from chalicelib.core.aws.optimistic import ATTEMPTS
from chalicelib.core.errors import Unavailable
from chalicelib.insights.model import Counts, added, by_day, tally

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.events import Event
    from chalicelib.insights.rows import CountedEvent, RollUpRow, TallyRow

TALLIES = 8
"""Tallies that events are spread over, because two transactions on one item at the same time cancel each other."""

SEEN_DAYS = 60
"""Longer than a message is kept: 14 days in its queue, and 14 more in the dead-letter queue."""

EVENTS_PER_TRANSACTION = TRANSACTION_LIMIT - 1
"""Events in a transaction, beside the tally."""

DAYS_PER_TRANSACTION = 30
"""Days of a tally that one transaction rolls up. It also writes at most as many months, the tally and the total."""

COUNTERS_PER_TRANSACTION = 100
"""Counters that one expression removes, in less than 1 KB: DynamoDB takes 4 KB
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-expression-parameters)."""

_TALLY_IDS = [f"tally#{n}" for n in range(TALLIES)]


@dataclass(frozen=True)
class Insights:
    """Counts of days, of months, and of all time."""

    days: dict[str, Counts]
    months: dict[str, Counts]
    total: Counts


class Counters:
    """Counts, to which each event adds once."""

    def __init__(self, database: Database, table: Table[Any]) -> None:
        self._database = database
        self._tallies: Table[TallyRow] = table
        self._roll_ups: Table[RollUpRow] = table
        self._counted: Table[CountedEvent] = table

    def count(self, events: Sequence[Event]) -> int:
        """Count events, each once, however often it comes. Returns how many were new.

        Raises Unavailable where other counting at the same time keeps cancelling this one.
        """
        new = list({event["id"]: event for event in events}.values())
        return sum(
            self._count_together(new[start : start + EVENTS_PER_TRANSACTION])
            for start in range(0, len(new), EVENTS_PER_TRANSACTION)
        )

    def roll_up(self) -> int:
        """Empty the tallies into days, months and total, and return how many counts were moved.

        Neither a crash nor a repetition moves a count twice: one transaction empties a tally and adds its counts, on
        the condition that the tally has not changed since it was read.
        """
        return sum(self._roll_up_tally(tally_id) for tally_id in _TALLY_IDS)

    def read(self, days: Sequence[str], months: Sequence[str]) -> Insights:
        """The counts of these days and months, and of all time, up to now."""
        ids = [*_TALLY_IDS, "total", *(f"day#{day}" for day in days), *(f"month#{month}" for month in months)]
        rows = self._database.batch_get([(self._roll_ups, {"id": row_id}) for row_id in ids], consistent=False)
        counts_by_id = {row_id: row or {} for row_id, row in zip(ids, rows, strict=True)}
        tallies = [by_day(counts_by_id[tally_id]) for tally_id in _TALLY_IDS]

        def sum_of(row_id: str, prefix: str) -> Counts:
            parts = [counts for days_of in tallies for day, counts in days_of.items() if day.startswith(prefix)]
            return added(counts_by_id[row_id], *parts)

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
                marks = {event["id"]: self._marking(event) for event in events}
                self._database.transact(together(marks, {"tally": self._adding(events)}))
            except TransactionRefused as refused:
                events = [event for event in events if event["id"] not in refused.failed]
            except Unavailable:
                continue
            else:
                return len(events)
        raise Unavailable("the counters are being changed by others")

    def _marking(self, event: Event) -> Action:
        """The action that marks an event as counted. It is refused where the event was counted before."""
        expires_at = clock.epoch() + SEEN_DAYS * 86400
        mark: CountedEvent = {"id": f"seen#{event['id']}", "schema": records.SCHEMA, "expires_at": expires_at}
        return self._counted.putting(mark, absent())

    def _adding(self, events: Sequence[Event]) -> Action:
        shard = zlib.crc32(events[0]["id"].encode()) % TALLIES
        return self._increasing(f"tally#{shard}", {**tally(events), "changes": 1})

    def _roll_up_tally(self, tally_id: str) -> int:
        moved = 0
        for _ in range(ATTEMPTS):
            tally_row = self._tallies.get({"id": tally_id})
            if tally_row is None:
                return moved
            days = _oldest(by_day(tally_row))
            if not days:
                return moved
            try:
                self._database.transact(self._moving(tally_row, days))
            except (TransactionRefused, Unavailable):
                continue
            moved += sum(sum(counts.values()) for counts in days.values())
        return moved

    def _moving(self, tally_row: TallyRow, days: Mapping[str, Counts]) -> dict[str, Action]:
        """The actions that move the counts of some days from a tally to its roll-ups."""
        months: dict[str, list[Counts]] = {}
        for day, counts in days.items():
            months.setdefault(day[:7], []).append(counts)
        emptying = self._tallies.updating(
            {"id": tally_row["id"]},
            add={"changes": 1},
            remove=[f"{day}/{name}" for day, counts in days.items() for name in counts],
            condition=Attr("changes").eq(tally_row["changes"]),
        )
        increases = {
            **{f"day#{day}": counts for day, counts in days.items()},
            **{f"month#{month}": added(*parts) for month, parts in months.items()},
            "total": added(*days.values()),
        }
        adding = {row_id: self._increasing(row_id, counts) for row_id, counts in increases.items()}
        return {tally_row["id"]: emptying, **adding}

    def _increasing(self, row_id: str, counts: Counts) -> Action:
        increases = {name: count for name, count in counts.items() if count}
        return self._roll_ups.updating({"id": row_id}, set={"schema": records.SCHEMA}, add=increases)


def _oldest(days: Mapping[str, Counts]) -> dict[str, Counts]:
    """As many days as one transaction rolls up, from the oldest on: at least one, if there is one."""
    selected: dict[str, Counts] = {}
    room = COUNTERS_PER_TRANSACTION
    for day, counts in sorted(days.items())[:DAYS_PER_TRANSACTION]:
        room -= len(counts)
        if room < 0 and selected:
            break
        selected[day] = counts
    return selected


@clients.once
def counters() -> Counters:
    """The stage's counters."""
    return Counters(clients.database(), clients.table("insights"))
