"""The `insights` table: tallies that events are counted into, and the hours, days, months and total they roll up into.

Events are counted into `tally#<n>` as they come, under names such as `2026-03-01T10/sign_ins`; `seen#<event id>` says
that an event was counted, or the row of a person who first signed in that day (`active_people`). Every hour the tallies
are emptied into `hour#2026-03-01T10`, `day#2026-03-01`, `month#2026-03` and `total`. A read adds what is still in the
tallies, so counts are seen at once.
"""

from __future__ import annotations

import zlib
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
from chalicelib.insights import active_people
from chalicelib.insights.counted import OUTCOMES, Counts, flow, tally
from chalicelib.insights.model import added, by_period
from chalicelib.insights.rows import RollUpRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.events import Event
    from chalicelib.insights.rows import ActivePerson, CountedEvent, TallyRow

TALLIES = 8
"""Tallies that events are spread over, because two transactions on one item at the same time cancel each other."""

SEEN_DAYS = 60
"""Longer than a message is kept: 14 days in its queue, and 14 more in the dead-letter queue."""

EVENTS_PER_TRANSACTION = TRANSACTION_LIMIT - 1
"""Events in a transaction, beside the tally."""

HOUR_DAYS = 35
"""How long the row of an hour is kept."""

PERIODS_PER_TRANSACTION = 30
"""Hours of a tally that one transaction rolls up. It also writes at most as many days and months, the tally and the
total."""

COUNTERS_PER_TRANSACTION = 100
"""Counters that one expression removes, in less than 1 KB: DynamoDB takes 4 KB
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-expression-parameters)."""

_TALLY_IDS = [f"tally#{n}" for n in range(TALLIES)]


TOTAL = ""
"""The period of all time. Others are the beginnings of a timestamp, which are as long as `_PREFIXES` says."""

_PREFIXES = {13: "hour#", 10: "day#", 7: "month#"}


class Counters:
    """Counts, to which each event adds once."""

    def __init__(self, database: Database, table: Table[Any]) -> None:
        self._database = database
        self._tallies: Table[TallyRow] = table
        self._roll_ups: Table[RollUpRow] = table
        self._counted: Table[CountedEvent] = table
        self._active: Table[ActivePerson] = table

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

    def read(self, periods: Sequence[str]) -> dict[str, Counts]:
        """The counts of these hours (`2026-03-01T10`), days, months and, as TOTAL, of all time, up to now."""
        ids = [*_TALLY_IDS, *map(_row_id, periods)]
        rows = self._database.batch_get([(self._roll_ups, {"id": row_id}) for row_id in ids], consistent=False)
        tallies = [by_period(row or {}) for row in rows[:TALLIES]]
        return {
            period: added(
                _counts(row),
                *(counts for hours in tallies for hour, counts in hours.items() if hour.startswith(period)),
            )
            for period, row in zip(periods, rows[TALLIES:], strict=True)
        }

    def was_counted(self, event: Event) -> bool:
        """Whether an event was counted within the last SEEN_DAYS, by one read."""
        keys = [_mark_id(event), *([active_people.row_id(event)] if active_people.is_sign_in(event) else [])]
        mark, *active = self._database.batch_get([(self._counted, {"id": key}) for key in keys], consistent=False)
        return mark is not None or any(active_people.was_first(row, event) for row in active)

    def _count_together(self, events: list[Event]) -> int:
        consistent = False
        for _ in range(ATTEMPTS):
            first = self._first_sign_ins(events, consistent=consistent)
            events = [event for event in events if event["id"] not in first.counted]
            if not events:
                return 0
            others = [event for event in events if event["id"] not in first.ids]
            try:
                marks = {_mark_id(event): self._marking(event) for event in others}
                adding = {"tally": self._adding(events, first.counts)}
                self._database.transact(together(marks, first.actions, adding))
            except TransactionRefused as refused:
                events = [event for event in events if _mark_id(event) not in refused.failed]
                consistent = True
            except Unavailable:
                continue
            else:
                return len(events)
        raise Unavailable("the counters are being changed by others")

    def _first_sign_ins(self, events: Sequence[Event], *, consistent: bool) -> active_people.FirstSignIns:
        """The first sign-ins of a day among these events: one read, and none where nobody signed in."""
        sign_ins = [event for event in events if active_people.is_sign_in(event)]
        ids = list(dict.fromkeys(map(active_people.row_id, sign_ins)))
        keys = [(self._active, {"id": row_id}) for row_id in ids]
        rows = dict(zip(ids, self._database.batch_get(keys, consistent=consistent) if keys else [], strict=True))
        expires_at = clock.epoch() + SEEN_DAYS * 86400
        return active_people.first_sign_ins(self._active, sign_ins, rows, expires_at)

    def _marking(self, event: Event) -> Action:
        """The action that marks an event as counted. It is refused where the event was counted before."""
        expires_at = clock.epoch() + SEEN_DAYS * 86400
        mark: CountedEvent = {"id": _mark_id(event), "schema": records.SCHEMA, "expires_at": expires_at}
        return self._counted.putting(mark, absent())

    def _adding(self, events: Sequence[Event], people: Counts) -> Action:
        shard = zlib.crc32(events[0]["id"].encode()) % TALLIES
        return self._increasing(f"tally#{shard}", {**tally(events), **people, **_flow(events), "changes": 1})

    def _roll_up_tally(self, tally_id: str) -> int:
        moved = 0
        for _ in range(ATTEMPTS):
            tally_row = self._tallies.get({"id": tally_id})
            if tally_row is None:
                return moved
            periods = _oldest(by_period(tally_row))
            if not periods:
                return moved
            try:
                self._database.transact(self._moving(tally_row, periods))
            except (TransactionRefused, Unavailable):
                continue
            moved += sum(sum(counts.values()) for counts in periods.values())
        return moved

    def _moving(self, tally_row: TallyRow, periods: Mapping[str, Counts]) -> dict[str, Action]:
        """The actions that move the counts of some periods from a tally to its roll-ups."""
        parts: dict[str, list[Counts]] = {}
        for period, counts in periods.items():
            for length in (*_PREFIXES, len(TOTAL)):
                if length <= len(period):  # a period of former versions was a day
                    parts.setdefault(_row_id(period[:length]), []).append(counts)
        emptying = self._tallies.updating(
            {"id": tally_row["id"]},
            add={"changes": 1},
            remove=[f"{period}/{name}" for period, counts in periods.items() for name in counts],
            condition=Attr("changes").eq(tally_row["changes"]),
        )
        adding = {row_id: self._increasing(row_id, added(*counts)) for row_id, counts in parts.items()}
        return {tally_row["id"]: emptying, **adding}

    def _increasing(self, row_id: str, counts: Counts) -> Action:
        increases = {name: count for name, count in counts.items() if count}
        return self._roll_ups.updating({"id": row_id}, set=_fixed(row_id), add=increases)


def _fixed(row_id: str) -> dict[str, int]:
    """The attributes of a tally or roll-up that are no counters."""
    kind, _, hour = row_id.partition("#")
    if kind != "hour":
        return {"schema": records.SCHEMA}
    # In seconds: an event may name the last hour that a datetime can be of.
    begun = int(clock.parse(f"{hour}:00:00Z").timestamp())
    return {"schema": records.SCHEMA, "expires_at": begun + HOUR_DAYS * 86400}


def _flow(events: Sequence[Event]) -> Counts:
    """What counting these events now adds to the counters of its own flow. Outcomes are no part of it."""
    now = clock.now()
    ages = [now - clock.parse(event["time"]) for event in events if event["type"] not in OUTCOMES]
    taken = flow("insights", [round(age.total_seconds() * 1000) for age in ages])
    return {f"{clock.timestamp(now)[:13]}/{name}": count for name, count in taken.items()}


def _counts(row: Mapping[str, Any] | None) -> Counts:
    """The counters of a roll-up."""
    return {name: int(count) for name, count in (row or {}).items() if name not in RollUpRow.__annotations__}


def _row_id(period: str) -> str:
    return f"{_PREFIXES[len(period)]}{period}" if period else "total"


def _mark_id(event: Event) -> str:
    return f"seen#{event['id']}"


def _oldest(periods: Mapping[str, Counts]) -> dict[str, Counts]:
    """As many periods as one transaction rolls up, from the oldest on: at least one, if there is one."""
    selected: dict[str, Counts] = {}
    room = COUNTERS_PER_TRANSACTION
    for period, counts in sorted(periods.items())[:PERIODS_PER_TRANSACTION]:
        room -= len(counts)
        if room < 0 and selected:
            break
        selected[period] = counts
    return selected


@clients.once
def counters() -> Counters:
    """The stage's counters."""
    return Counters(clients.database(), clients.table("insights"))
