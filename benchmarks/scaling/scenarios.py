"""The scenarios: each watched once, then multiplied by how often it happens at a rate of requests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from benchmarks.scaling import heat, operations
from chalicelib.imports.model import CHUNK_ROWS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.scaling.heat import Heat
    from benchmarks.scaling.operations import Watched
    from benchmarks.scaling.watching import Place

PEOPLE = 48
"""Of a day, watched: twice as many as there are shards or ages."""
REPEATED = 24
ROWS = 100
IMPORTED_ROWS = 2000
"""Rows a second of an import on new tables: each person is four write units, and half of the 4,000 are the table's of
people: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html"""


@dataclass(frozen=True)
class Scenario:
    """What was watched, and the requests a second of each operation for each request a second of the stage."""

    name: str
    found: Sequence[Watched]
    shares: Mapping[str, float]
    fixed: bool = False
    """Whether `shares` are rates already, whatever the stage does."""
    personal: frozenset[tuple[str, Place]] = frozenset()

    def rates(self, rate: float) -> dict[str, float]:
        return {name: share * (1 if self.fixed else rate) for name, share in self.shares.items()}

    def heats(self, rate: float) -> list[Heat]:
        return heat.heat(self.found, self.rates(rate), of_one_person=self.personal, busiest_share=heat.busiest())


def watched(people: int = PEOPLE, repeated: int = REPEATED, rows: int = ROWS) -> list[Scenario]:
    """Every scenario, each on a stage of its own."""
    everyday, one = _everyday(people), _one_account(repeated)
    personal = frozenset(heat.keys_of_one_person(one))
    return [
        Scenario("a day, skewed over people", everyday, heat.EVERYDAY, personal=personal),
        Scenario("one account makes a hundredth of all requests", one, _hundredth(one)),
        Scenario("half of all requests from one IP address", _one_network(people), _flood()),
        Scenario("a twentieth registers, all of one age", _one_age(people), {"register": 0.05, "confirm": 0.05}),
        Scenario(
            "an import",
            _import(rows),
            {"row of an import": IMPORTED_ROWS, "chunk of an import": IMPORTED_ROWS / CHUNK_ROWS},
            fixed=True,
        ),
    ]


def _everyday(people: int) -> list[Watched]:
    with operations.site() as at:
        visits = operations.visits(people)
        operations.everyday(at, visits)
        operations.asked_by_others(at, visits)
        return at.found


def _one_account(repeated: int) -> list[Watched]:
    with operations.site() as at:
        (visit,) = operations.visits(1)
        operations.arrive(at, [visit])
        arrived = len(at.found)
        devices = [replace(visit, network=f"198.51.100.{number}") for number in range(repeated)]
        operations.enter(at, devices)
        operations.use(at, devices)
        return at.found[arrived:]


def _hundredth(found: Sequence[Watched]) -> dict[str, float]:
    return {watched.operation: heat.EVERYDAY[watched.operation] / 100 for watched in found}


def _one_network(people: int) -> list[Watched]:
    few = dict.fromkeys(("registrations_per_hour", "sign_ins_per_hour", "sign_ins_at_once"), operations.LIMIT)
    with operations.site(**few) as at:
        operations.arrive(at, operations.visits(people))
        at.found.clear()
        flood = operations.visits(people, first=people, network="203.0.113.7")
        operations.flood(at, flood)
        return at.found


def _flood() -> dict[str, float]:
    return dict.fromkeys(operations.FLOOD, 0.5 / len(operations.FLOOD))


def _one_age(people: int) -> list[Watched]:
    with operations.site() as at:
        operations.arrive(at, operations.visits(people, age=30))
        return at.found


def _import(rows: int) -> list[Watched]:
    with operations.site() as at:
        operations.import_people(at, operations.visits(rows))
        return at.found
