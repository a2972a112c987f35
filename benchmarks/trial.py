"""`python -m benchmarks trial`: 1,200,000 rows as a trial, from the event of their upload to the end of their job.

Every step runs as it is deployed, through the deployed definition of the state machine and under Step Functions'
limits, with moto for DynamoDB and S3. CPU is that of a step's calls, moto's share included.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.environment import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STEPS = ("plan_import", "import_chunk", "finish_import")
ROWS = 1_200_000
WRONG_EVERY = 1000
"""One row in so many has a fault."""


class Measuring:
    """The calls and the CPU of each step."""

    def __init__(self) -> None:
        self.calls: dict[str, int] = defaultdict(int)
        self.cpu: dict[str, float] = defaultdict(float)
        self.longest: dict[str, float] = defaultdict(float)

    def step(self, name: str, run: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """The step, measured."""

        def measured(given: Any) -> Any:
            started = time.process_time()
            try:
                return run(given)
            finally:
                cpu = time.process_time() - started
                self.calls[name] += 1
                self.cpu[name] += cpu
                self.longest[name] = max(cpu, self.longest[name])

        return measured

    def __str__(self) -> str:
        lines = [f"  {'':<16}{'calls':>8}{'CPU':>10}{'longest':>10}"]
        lines += [
            f"  {name:<16}{self.calls[name]:>8,}{self.cpu[name]:>8.1f} s{self.longest[name]:>8.2f} s"
            for name in self.calls
        ]
        return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Print what was measured and what is wrong; 0 where nothing is."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks trial", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help="rows of the file (%(default)s)")
    rows = parser.parse_args(arguments).rows
    os.environ.update({**ENVIRONMENT, "LOGGING_LEVEL": "WARNING"})

    import tests.in_process  # noqa: F401 - which answers our own AWS client too
    from tests.cloudlike import stage
    from tests.functional.serial import one_call_at_a_time

    with stage() as cloud, one_call_at_a_time():
        wrong = list(_faults(cloud, rows))
    print(
        "\n".join(f"  wrong: {each}" for each in wrong) or "  finished; counts are exact, and nobody was written"
    )
    return int(bool(wrong))


def _faults(cloud: Any, rows: int) -> Iterator[str]:
    from chalicelib.imports.uploads import receive_uploads
    from chalicelib.jobs import jobs
    from tests import system
    from tests.functional.importing import StateMachines

    measuring, state_machines = Measuring(), StateMachines(cloud)
    record = state_machines.upload(b"\n".join(map(_row, range(rows))), "imports/trial.ndjson", dry_run="true")
    measuring.step("on_upload", receive_uploads)({"Records": [record]})
    given = state_machines.waiting()
    machine = state_machines.machine(
        "import", **{name: measuring.step(name, partial(system.invoke, name)) for name in STEPS}
    )
    ended, job = machine.run(given), jobs().get(given["job"])
    print(measuring)
    print(f"  {machine.children:,} chunks, of whose answers the map collected {machine.collected} bytes")
    failed = rows // WRONG_EVERY
    counts = {"rows": rows, "created": rows - failed, "updated": 0, "unchanged": 0, "failed": failed}
    if (ended.status, job["status"], job.get("counts")) != ("SUCCEEDED", "finished", counts):
        yield f"{ended.status} {ended.error} {ended.cause}; the job says {job['status']}, {job.get('counts')}"
    if cloud.rows("users"):
        yield "a trial wrote somebody"


def _row(number: int) -> bytes:
    age = -1 if number % WRONG_EVERY == WRONG_EVERY - 1 else number % 90
    return json.dumps({"email": f"person-{number}@example.org", "name": f"Person {number}", "age": age}).encode()
