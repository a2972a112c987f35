"""An import of which three calls in ten fail, and three batch reads in ten leave keys unread, ends as one without."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.simulation.process import Leftovers, Throttled, TimedOut
from tests.simulation.stage import simulated
from tests.simulation.test_import_crashes import Import, who_there_is

if TYPE_CHECKING:
    from tests.simulation.process import Fault

FIRST = [
    {"email": f"p{number}@example.com", "name": f"Person {number}", "age": number % 90} for number in range(20)
]
SECOND = [
    *[{**row, "age": 91} for row in FIRST[::2]],
    *FIRST[1::2],
    {"email": "new@example.com", "name": "New"},
    {"email": "new@example.com", "name": "Twice"},
    {"email": "nowhere"},
]


def imported(seed: int, *faults: Fault) -> list[Any]:
    """Two imports, one of which finds whom the other made: what each job says, and everybody."""
    said: list[Any] = []
    with simulated(seed) as stage, stage.process.suffering(*faults):
        for rows, mode in ((FIRST, "create"), (SECOND, "upsert")):
            data = "\n".join(map(json.dumps, rows)).encode()
            job = Import(stage, data, f"imports/{mode}.ndjson", mode=mode).run()
            said.append((job["counts"], stage.state_machines.errors(job) if "report" in job else []))
        return [*said, who_there_is(stage.cloud)]


@pytest.mark.slow
@pytest.mark.parametrize(
    "faults",
    [[Throttled(0.3), Leftovers(0.3)], [TimedOut(0.3, after_effect=True)]],
    ids=["throttles and leftovers", "lost answers"],
)
def test_an_import_under_faults_ends_as_a_clean_one(held_clock, faults):
    clean = imported(0)
    assert [counts for counts, _ in clean[:2]] == [
        {"rows": 20, "created": 20, "updated": 0, "unchanged": 0, "failed": 0},
        {"rows": 23, "created": 1, "updated": 10, "unchanged": 10, "failed": 2},
    ]
    for seed in (1, 2):
        assert imported(seed, *faults) == clean, seed
