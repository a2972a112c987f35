"""What a million sign-ins cost of Lambda, by the memory of the API function: `python -m benchmarks.memory_size`.

CPU is measured here, and taken twice for a core of Lambda, as the floor of a failed sign-in is
(`passwords.schemes.cost`). A function has a core for each 1,769 MB, and one hash uses one at most. Waiting for AWS
costs as much memory as computing does, and no CPU.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.hashing import own_milliseconds
from benchmarks.measuring import Measured

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZES = (256, 512, 768, 1024, 1536, 1769, 2048, 3008)
CHOSEN = 1769

GB_SECOND = {"x86_64": 16.6667e-6, "arm64": 13.3334e-6}
REQUEST = 0.20e-6
"""US dollars in us-east-1, the first tier, in November 2026: https://aws.amazon.com/lambda/pricing/"""

CORE_MB = 1769
"""https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""
SLOWER = 2
"""Times the CPU of a core here that a core of Lambda takes; AWS says nothing of it."""

OTHER_CPU = 3.0
"""Milliseconds of a sign-in here besides its hash, with the AWS client: `python -m benchmarks warm_path`."""
CALLS, CALL = 8, 4.5
"""Calls of a sign-in one after the other, and the milliseconds of each: DynamoDB's single-digit ones."""


@dataclass(frozen=True)
class Sized:
    """A sign-in in a function of so many MB; milliseconds, and US dollars of a million."""

    memory: int
    hash_cpu: float
    """Of a whole core of Lambda."""

    @property
    def cores(self) -> float:
        return self.memory / CORE_MB

    @property
    def hash_milliseconds(self) -> float:
        return self.hash_cpu / min(1.0, self.cores)

    @property
    def milliseconds(self) -> float:
        return self.hash_milliseconds + OTHER_CPU * SLOWER / min(1.0, self.cores) + CALLS * CALL

    def dollars(self, architecture: str) -> float:
        gb_seconds = self.memory / 1024 * self.milliseconds / 1000
        return (gb_seconds * GB_SECOND[architecture] + REQUEST) * 1e6

    @property
    def in_ten_executions(self) -> float:
        """Sign-ins a second."""
        return 10_000 / self.milliseconds


def sizes() -> list[Sized]:
    cpu = own_milliseconds() * SLOWER
    return [Sized(memory, cpu) for memory in SIZES]


def measure() -> Iterator[Measured]:
    """The price of a million sign-ins on x86_64, against that of the size that the API function has."""
    found = sizes()
    chosen = next(size for size in found if size.memory == CHOSEN)
    for size in found:
        yield Measured(
            f"a million sign-ins, {size.memory:,} MB", size.dollars("x86_64"), chosen.dollars("x86_64"), "$"
        )


def main() -> None:
    columns = f"{'memory':>9}{'vCPU':>7}{'hash':>9}{'sign-in':>10}{'x86_64':>12}{'arm64':>12}"
    print(f"  {columns}{'a second, in ten executions':>29}")
    for size in sizes():
        print(
            f"  {size.memory:>6,} MB{size.cores:>7.2f}{size.hash_milliseconds:>6.0f} ms{size.milliseconds:>7.0f} ms"
            f"{size.dollars('x86_64'):>8.2f} $/M{size.dollars('arm64'):>8.2f} $/M{size.in_ten_executions:>29.0f}"
        )


if __name__ == "__main__":
    main()
