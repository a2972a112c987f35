"""Bulk writes find the pace of tables that are cold, in a simulation of functions that share them."""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass, field
from itertools import count

import pytest
from botocore.exceptions import ClientError

from chalicelib.core import clock
from chalicelib.core.aws.pace import Pace
from chalicelib.core.errors import Unavailable

CHUNK_TRANSACTIONS = 40
UNITS = 100
"""Of a transaction in each of the two tables: fifty people, two units each."""
NEW_TABLE_UNITS = 4_000
WINDOW_SECONDS = 1800


@dataclass
class ColdTable:
    """An on-demand table: it takes twice the peak of before the last half hour, and half of what it refuses is used up
    before it refuses."""

    units: float = NEW_TABLE_UNITS
    bucket: float = NEW_TABLE_UNITS
    at: float = 0.0
    taken: float = 0.0
    window: int = 0

    def takes(self, now: float) -> bool:
        if now >= (self.window + 1) * WINDOW_SECONDS:
            self.units, self.taken = max(self.units, 2 * self.taken / WINDOW_SECONDS), 0.0
            self.window += 1
        self.bucket, self.at = min(self.units, self.bucket + (now - self.at) * self.units), now
        if self.bucket < UNITS:
            self.bucket -= self.bucket / 2
            return False
        self.bucket -= UNITS
        self.taken += UNITS
        return True


@dataclass
class Function:
    """An execution of `import_chunk`: which transactions of its chunk are to do, and since when."""

    pace: Pace = field(default_factory=Pace)
    pending: int = 0
    running: int = 0
    began: float = 0.0


class Imported:
    """An import of so many chunks by functions that run at once, each with 16 writers, from one event to the next."""

    WRITERS = 16

    def __init__(self, chunks: int, functions: int) -> None:
        self.table = ColdTable()
        self.calls = self.refused = 0
        self.longest = self.ended = 0.0
        self._chunks = chunks
        self._events: list[tuple[float, int, str, Function]] = []
        self._order, self._chance = count(), random.Random(1)
        for _ in range(functions):
            self._begin(Function(), 0.0)
        while self._events:
            now, _, happened, function = heapq.heappop(self._events)
            getattr(self, happened)(function, now)

    def _at(self, moment: float, happens: str, function: Function) -> None:
        heapq.heappush(self._events, (moment, next(self._order), happens, function))

    def _begin(self, function: Function, now: float) -> None:
        if self._chunks:
            self._chunks -= 1
            function.pending, function.running, function.began = CHUNK_TRANSACTIONS, 0, now
            for _ in range(self.WRITERS):
                self._take(function, now)

    def _take(self, function: Function, now: float) -> None:
        if function.pending:
            function.pending, function.running = function.pending - 1, function.running + 1
            self._at(now, "_ready", function)

    def _ready(self, function: Function, now: float) -> None:
        later = function.pace.claim(now)
        if later is not None:
            self._at(later, "_ready", function)
            return
        self.calls += 1
        answer = "_written" if self.table.takes(now) else "_throttled"
        self._at(now + self._chance.uniform(0.02, 0.04), answer, function)

    def _throttled(self, function: Function, now: float) -> None:
        self.refused += 1
        function.pace.throttled(now)
        self._at(now, "_ready", function)

    def _written(self, function: Function, now: float) -> None:
        function.pace.succeeded(now)
        function.running -= 1
        self._take(function, now)
        if not function.running:
            self.longest, self.ended = max(self.longest, now - function.began), now
            self._begin(function, now + 0.1)


@pytest.mark.slow
@pytest.mark.parametrize("functions", [1, 2, 4, 10])
def test_an_import_on_cold_tables_ends_about_as_soon_as_they_can_take_it(functions):
    transactions = 10_000
    done = Imported(transactions // CHUNK_TRANSACTIONS, functions)
    shortest = transactions * UNITS / NEW_TABLE_UNITS
    assert done.calls - done.refused == transactions
    assert done.ended < 1.08 * shortest
    assert done.refused < 0.07 * done.calls
    assert done.longest < 100, "a chunk would run out of its patience"


@pytest.mark.slow
def test_it_follows_a_table_that_doubles():
    done = Imported(5_000, 4)
    assert done.table.units > 1.8 * NEW_TABLE_UNITS
    first = WINDOW_SECONDS * NEW_TABLE_UNITS / UNITS
    shortest = WINDOW_SECONDS + (5_000 * CHUNK_TRANSACTIONS - first) * UNITS / (2 * NEW_TABLE_UNITS)
    assert done.ended < 1.1 * shortest


def test_warm_tables_are_written_to_without_a_wait():
    pace, times = Pace(), [number / 1000 for number in range(100)]
    assert [pace.claim(now) for now in times] == [None] * 100


def test_a_pace_that_nobody_keeps_does_not_rise():
    pace = Pace()
    for number in range(100):
        pace.succeeded(number / 100)
    pace.throttled(1.0)
    for second in range(1_000):
        pace.succeeded(10.0 + second)
    begun = [now for now in range(2_000_000, 2_001_000) if pace.claim(now / 1_000) is None]
    assert 70 <= len(begun) <= 80, "four fifths of a hundred calls, in a second"


def throttled(code="TransactionCanceledException", reason="ThrottlingError"):
    return ClientError({"Error": {"Code": code}, "CancellationReasons": [{"Code": reason}]}, "TransactWriteItems")


def test_what_is_throttled_is_tried_again(held_clock):
    refusals = {value: [throttled(), throttled("ThrottlingException", "None")] for value in range(20)}

    def run(value: int) -> int:
        if refusals[value]:
            raise refusals[value].pop()
        return value * value

    assert Pace().in_parallel(run, range(20), 4, patience=600) == [value * value for value in range(20)]


def test_patience_ends(held_clock):
    def run(_: int) -> None:
        raise throttled()

    began = clock.running()
    with pytest.raises((Unavailable, ClientError)):
        Pace().in_parallel(run, range(3), 2, patience=60)
    assert clock.running() - began < 120


def test_other_errors_are_not_tried_again(held_clock):
    seen = []

    def run(value: int) -> None:
        seen.append(value)
        raise throttled(reason="ValidationError")

    with pytest.raises(ClientError):
        Pace().in_parallel(run, [7], 1, patience=60)
    assert seen == [7]
