"""How hot the keys get at a rate of requests: units a second of the hottest key of each place, in each scenario.

A place whose keys are few is as hot as its hottest key. Where everybody has a key of their own, it is as hot as the
busiest person: one of a million by Zipf's law. A key that each request has for itself is never hot.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from benchmarks.scaling.operations import Watched
    from benchmarks.scaling.watching import Place

PARTITION_WRITES, PARTITION_READS = 1000, 3000
"""Units a second of one partition, which one key never exceeds:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html"""

PEOPLE = 1_000_000
ZIPF = 0.8
"""The skew over people: the busiest of a million makes 1.3 % of all requests."""

EVERYDAY = {
    "get me": 0.47,
    "refresh": 0.2,
    "get item": 0.139,
    "put item": 0.08,
    "sign in": 0.05,
    "patch me": 0.03,
    "token of a service": 0.001,
    "item by a service": 0.01,
    "wrong password": 0.01,
    "register": 0.005,
    "confirm": 0.004,
    "directory by age": 0.001,
}
"""The share of each operation in the requests of a day."""


@dataclass(frozen=True)
class Heat:
    """The hottest key of a place: units a second, and how many keys there are (None where each person or request has
    one of their own)."""

    place: Place
    keys: int | None
    writes: float
    reads: float

    @property
    def share(self) -> float:
        """Of what a partition takes."""
        return max(self.writes / PARTITION_WRITES, self.reads / PARTITION_READS)


def busiest(people: int = PEOPLE, skew: float = ZIPF) -> float:
    """The share of the busiest of so many people, by Zipf's law."""
    return float(1 / sum(rank**-skew for rank in range(1, people + 1)))


def heat(
    found: Sequence[Watched],
    rates: Mapping[str, float],
    *,
    of_one_person: Iterable[tuple[str, Place]] = (),
    busiest_share: float = 1,
    few: float = 0.75,
) -> list[Heat]:
    """The hottest key of each place where each operation runs `rates` times a second, the hottest place first.

    `of_one_person` names the operations and places whose keys are the person's. Keys are few where there are no more
    than that part of the runs of an operation.
    """
    personal = frozenset(of_one_person)
    by_place: dict[Place, list[tuple[Watched, str, float, float]]] = defaultdict(list)
    for watched in found:
        if watched.operation in rates:
            for (place, key), (read, written) in _by_key(watched).items():
                by_place[place].append((watched, key, read, written))
    heats = []
    for place, entries in by_place.items():
        reads: dict[str, float] = defaultdict(float)
        writes: dict[str, float] = defaultdict(float)
        hits = Counter[str]()
        own_reads = own_writes = 0.0
        for watched, key, read, written in entries:
            often = rates[watched.operation] / watched.runs
            reads[key] += read * often
            writes[key] += written * often
            hits[key] += 1
            if (watched.operation, place) in personal:
                own_reads += read * often * busiest_share
                own_writes += written * often * busiest_share
        if len(hits) > few * max(watched.runs for watched, *_ in entries):
            heats.append(Heat(place, None, own_writes, own_reads))
        else:
            heats.append(Heat(place, len(hits), _hottest(writes, hits), _hottest(reads, hits)))
    return sorted(heats, key=lambda each: -each.share)


def _by_key(watched: Watched) -> dict[tuple[Place, str], tuple[float, float]]:
    units: dict[tuple[Place, str], tuple[float, float]] = {}
    for access in watched.accesses:
        reads, writes = units.get((access.place, access.key), (0.0, 0.0))
        units[access.place, access.key] = reads + access.reads, writes + access.writes
    return units


def _hottest(units: Mapping[str, float], hits: Counter[str]) -> float:
    """Of the hottest key. Where the keys were hit as evenly as chance lets them be, that is their mean: few runs stand
    for many requests."""
    mean = sum(hits.values()) / len(hits)
    is_even = max(hits.values()) <= mean + 3 * sqrt(mean)
    return sum(units.values()) / len(hits) if is_even else float(max(units.values()))


def keys_of_one_person(found: Sequence[Watched]) -> set[tuple[str, Place]]:
    """The operations and places that use one key for one person, however often they come."""
    places: dict[tuple[str, Place], set[str]] = defaultdict(set)
    for watched in found:
        for access in watched.accesses:
            places[watched.operation, access.place].add(access.key)
    return {place for place, keys in places.items() if len(keys) == 1}


def table_units(found: Sequence[Watched], rates: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    """Reads and writes a second of each table, and of each index for itself."""
    units: dict[str, tuple[float, float]] = {}
    for watched in found:
        often = rates.get(watched.operation, 0) / watched.runs
        for access in watched.accesses:
            name = "/".join(part for part in (access.place.table, access.place.secondary) if part)
            reads, writes = units.get(name, (0.0, 0.0))
            units[name] = reads + access.reads * often, writes + access.writes * often
    return units


def events(found: Sequence[Watched], rates: Mapping[str, float]) -> float:
    """Events published a second."""
    return sum(watched.events / watched.runs * rates.get(watched.operation, 0) for watched in found)
