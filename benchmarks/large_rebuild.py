"""Makes a large read model anew from a DynamoDB that costs little.

`python -m benchmarks.large_rebuild 1000000 5000000`, of so many people and events.

What it prints is how long each step took.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.environment import ENVIRONMENT
from tools import postgresql

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]


@contextmanager
def source(people: int, events: int) -> Iterator[str]:
    """The URL of a DynamoDB with so many people, half as many items, a tenth as many sessions, and the events."""
    numbers = (people, people // 2, people // 10, events)
    command = [sys.executable, "-m", "benchmarks.rebuild_source", *map(str, numbers)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, **ENVIRONMENT}
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def rebuilt(people: int, events: int) -> dict[str, float]:
    """The seconds that each step of a rebuild took, and those of them all together (`all`)."""
    os.environ.update(ENVIRONMENT)
    with source(people, events) as url, postgresql.running() as server:
        os.environ["AWS_ENDPOINT_URL"] = url
        return _timed(server.secret())


def _timed(secret: str) -> dict[str, float]:
    from chalicelib.core import clock
    from chalicelib.jobs import jobs
    from chalicelib.read_model.database import Database, options_of
    from chalicelib.read_model.migrating import migrate
    from chalicelib.read_model.rebuild.job_page import _Run

    database = Database(options_of(secret))
    migrate(database)
    options = {"purpose": "rebuild", "mend": False}
    reached: dict[str, Any] | None = {"step": "prepare", "cursor": None}
    job: Any = jobs().new("rebuild", "BENCHMARK", options=options, reached=reached, turn=0, counts={})
    seconds: dict[str, float] = {}
    with clock.held(clock.parse("2026-03-30T00:00:00.000Z")):
        while job["reached"] is not None:
            step, began = job["reached"]["step"], time.monotonic()
            run = _Run(job, 3600, database)
            reached = run._step(**job["reached"])
            job = {**run._job, "reached": reached}
            seconds[step] = seconds.get(step, 0) + time.monotonic() - began
            clock.tick(seconds=60)
    print(job["counts"])
    return {**seconds, "all": sum(seconds.values())}


if __name__ == "__main__":
    for step, taken in rebuilt(int(sys.argv[1]), int(sys.argv[2])).items():
        print(f"{step}: {taken:.1f} s")
