"""`python -m benchmarks enumeration`: whether strangers can tell addresses apart, on a stage in the local cloud.

Bytes must not differ, and the AUC of times must lie between 0.45 and 0.55. Of 300 pairs its standard deviation is 0.024
where there is nothing to tell, so one comparison in thirty falls outside by chance: such a route is measured again with
more, and their sum counts.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cloud.strangers import Strangers, Told

PAIRS = 300
AGAIN = 3
"""Times more for a route that falls outside."""
ALLOWED = (0.45, 0.55)
WORKERS = 2
"""Requests at once on routes whose answers mostly wait."""


def main(arguments: list[str]) -> int:
    """Print a line for each route; 0 where all of them tell nothing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks enumeration", description=__doc__)
    parser.add_argument("--pairs", type=int, default=PAIRS, help="requests for each kind of address (%(default)s)")
    parser.add_argument("--route", action="append", help="only this one, as in 'POST /sessions'; may be repeated")
    parser.add_argument(
        "--all-own", action="store_true", help="nobody has a hash of another system: a lower floor"
    )
    options = parser.parse_args(arguments)

    from infra import stage as stages
    from tests.cloud.conftest import free_port
    from tests.cloud.stage import DeployedStage
    from tests.cloud.strangers import KINDS, ROUTES, Strangers, unlimited

    failed = False
    with tempfile.TemporaryDirectory() as folder:
        stage = unlimited(stages.load("local"))
        with DeployedStage.start(stage, free_port(), Path(folder)) as deployed:
            strangers = Strangers(deployed, foreign=not options.all_own)
            print(f"\n  {'':<34}{'bytes':>6}{'median':>11}" + "".join(f"{kind:>10}" for kind in KINDS[1:]))
            for route in options.route or ROUTES:
                told = _measured(strangers, route, options.pairs)
                print(_line(route, told), flush=True)
                failed |= not _tells_nothing(told)
    return int(failed)


def _measured(strangers: Strangers, route: str, pairs: int) -> Told:
    from tests.cloud.strangers import FLOORED

    workers = WORKERS if route in FLOORED else 1
    told = strangers.measure(route, pairs, workers)
    if not _tells_nothing(told):
        print(_line(route, told) + "  again …", flush=True)
        told.add(strangers.measure(route, AGAIN * pairs, workers))
    return told


def _tells_nothing(told: Told) -> bool:
    from tests.cloud.strangers import KINDS

    low, high = ALLOWED
    return told.differing_bytes == 0 and all(low <= told.auc(kind) <= high for kind in KINDS)


def _line(route: str, told: Told) -> str:
    from tests.cloud.strangers import KINDS

    median = statistics.median(told.times["unknown"]) * 1000
    distances = "".join(f"{told.auc(kind):>10.3f}" for kind in KINDS[1:])
    return f"  {route:<34}{told.differing_bytes:>6}{median:>8.1f} ms{distances}"
