"""Which memory a consumer of events costs least with, and how many events a second it takes then:
`python -m benchmarks consumers`.

Lambda gives a function a share of a core by its memory, and bills memory by time. A batch takes the CPU that is
measured here (`benchmarks.warm_path`, AWS client included) at that share, and waits for its calls, whose times are
assumed: more memory shortens the one and not the other. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from benchmarks import warm_path
from infra.functions import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.functions import Function

CORE_MB = 1769
MEMORIES = (128, 256, 512, 1024, CORE_MB)

GB_SECOND, REQUEST = 0.0000166667, 0.0000002
"""Dollars, x86_64, us-east-1, 29 November 2026: https://aws.amazon.com/lambda/pricing/"""

ASSUMED_MS = {"BatchGetItem": 10, "BatchExecuteStatement": 20, "TransactWriteItems": 30, "PublishBatch": 20}
"""What a call takes until its answer comes. Calls at once count as one."""

TABLE_WRITES = 4000
"""Events a second that a new on-demand table takes, and its index by the order of recording:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html"""

STREAM_SHARDS = 4
"""Of such a table's stream: one for each 1,000 writes."""

PEOPLE = 1_000_000

COLUMNS = ("MB", "of a core", "ms a batch", "$ a million", "events/s", "a million in")


@dataclass(frozen=True)
class Consumer:
    """A function that handles events in full batches."""

    name: str
    line: str
    """Of `warm_path`: what one event costs."""
    calls: tuple[str, ...]
    """One after the other, for a batch."""


CONSUMERS = (
    Consumer("on_user_change", "a change published", ("PublishBatch",) * 10),
    Consumer("on_history", "an event in history", ("BatchGetItem", "BatchExecuteStatement")),
    Consumer("on_user_event", "an event in insights", ("TransactWriteItems",)),
)


@dataclass(frozen=True)
class Choice:
    """A consumer with that memory, when its batches are full."""

    memory: int
    cpu_ms: float
    """Of a batch, on a whole core."""
    waited_ms: float
    at_once: int

    @property
    def share(self) -> float:
        """Of a core: nothing here is faster on two."""
        return min(1.0, self.memory / CORE_MB)

    @property
    def batch_ms(self) -> float:
        return self.cpu_ms / self.share + self.waited_ms

    @property
    def dollars(self) -> float:
        """Of a million events."""
        batches = PEOPLE / warm_path.BATCH
        return batches * (self.batch_ms / 1000 * self.memory / 1024 * GB_SECOND + REQUEST)

    @property
    def events_a_second(self) -> float:
        return warm_path.BATCH / self.batch_ms * 1000 * self.at_once


def choices(consumer: Consumer, cpu_ms: float) -> Iterator[Choice]:
    """A consumer with each memory, at as many executions as it may have."""
    function = _function(consumer)
    waited = sum(ASSUMED_MS[call] for call in consumer.calls)
    for memory in MEMORIES:
        yield Choice(memory, cpu_ms, waited, function.concurrency or function.parallelism * STREAM_SHARDS)


def _function(consumer: Consumer) -> Function:
    (found,) = (function for function in FUNCTIONS if function.name == consumer.name)
    return found


def main(arguments: list[str]) -> int:
    """Print a table of each consumer."""
    argparse.ArgumentParser(prog="python -m benchmarks consumers", description=__doc__).parse_args(arguments)
    measured = {line.what: line.baseline for line in warm_path.measure()}
    console = Console(highlight=False)
    for consumer in CONSUMERS:
        cpu_ms = measured[consumer.line] * warm_path.BATCH / 1000
        table = Table(*COLUMNS, title=consumer.name)
        for choice in choices(consumer, cpu_ms):
            taken = min(choice.events_a_second, TABLE_WRITES)
            table.add_row(
                f"{choice.memory}{' now' if choice.memory == _function(consumer).memory else ''}",
                f"{choice.share:.2f}",
                f"{choice.batch_ms:.0f}",
                f"{choice.dollars:.4f}",
                f"{choice.events_a_second:,.0f}",
                f"{PEOPLE / taken / 60:.1f} min",
            )
        console.print(table)
    return 0
