"""`python -m benchmarks scaling`: how hot the keys of each table and index get, and which limit of AWS comes first.

The accesses come from the real routes and handlers, run in process on moto; nothing is listed by hand but how often
each operation is asked for (`heat.EVERYDAY`). docs/scaling.md says what follows from it.
"""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from tests.environment import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.scaling.heat import Heat
    from benchmarks.scaling.scenarios import Scenario

RATES = (1_000, 10_000, 100_000)
"""Requests a second."""
SHOWN = 8
"""Places of a scenario that are printed, and of these only what takes a hundredth of a partition."""
QUIET = {"ARGON2_MEMORY_KIB": "8", "ARGON2_PASSES": "1", "LOGGING_LEVEL": "ERROR"}
"""Hashes are cheap here: keys do not depend on them."""


def main(arguments: list[str]) -> int:
    """Print the heat of the hottest keys, and the account's limits, at each rate."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks scaling", description=__doc__)
    parser.add_argument("--people", type=int, default=48, help="people whose requests are watched (%(default)s)")
    people = parser.parse_args(arguments).people
    os.environ.update({**ENVIRONMENT, **QUIET})
    import tests.in_process
    import tests.temper  # noqa: F401 - both before any client is made
    from benchmarks.scaling import limits, scenarios

    watched = scenarios.watched(people)
    for scenario in watched:
        print("\n".join(_of_keys(scenario)))
    print("\nLimits of an account, an ordinary day; share of the default quota")
    print(f"  {'':<52}" + "".join(f"{rate:>10,}" for rate in RATES))
    for region in limits.REGIONS:
        print(f"  {region}")
        shares = [{limit.name: limit.share for limit in limits.of_account(watched[0], r, region)} for r in RATES]
        for name in shares[-1]:
            print(f"    {name:<50}" + "".join(f"{share[name]:>10.0%}" for share in shares))
    return 0


def _of_keys(scenario: Scenario) -> Iterator[str]:
    """The table of a scenario, with a bar for the middle rate: its hottest keys by the share of a partition."""
    yield f"\nHottest keys: {scenario.name}; share of what a partition takes"
    rates = RATES[1:2] if scenario.fixed else RATES
    yield f"  {'':<26}{'keys':>6}  " + "".join(f"{rate:>9,}" for rate in rates) + "   units a second of one"
    by_rate = [{heat.place: heat for heat in scenario.heats(rate)} for rate in rates]
    hottest = [heat for heat in scenario.heats(rates[-1])[:SHOWN] if heat.share >= 0.01]
    for heat in hottest:
        columns = "".join(f"{each[heat.place].share:>9.0%}" for each in by_rate)
        middle = by_rate[len(by_rate) // 2][heat.place]
        keys = "own" if heat.keys is None else str(heat.keys)
        yield f"  {heat.place!s:<26}{keys:>6}  {columns}   {_units(middle)} {_bar(middle.share)}"
    if not hottest:
        yield "  none above a hundredth"


def _units(heat: Heat) -> str:
    return f"{heat.writes:>6.0f} w {heat.reads:>6.0f} r"


def _bar(share: float) -> str:
    return "█" * round(min(share, 1.5) * 20)
