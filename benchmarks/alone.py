"""Run as a program, `python -m benchmarks.alone NAME`: measures a section in a process of its own, whose AWS clients
and caches no other section has had, and prints what was measured as the last line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from benchmarks.measuring import Measured
from tests.environment import ENVIRONMENT

ROOT = Path(__file__).parents[1]


def measured(name: str) -> list[Measured]:
    """What `benchmarks.NAME` measures. Raises CalledProcessError where it fails; its output is passed on."""
    command = [sys.executable, "-m", "benchmarks.alone", name]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return [Measured(**each) for each in json.loads(done.stdout.splitlines()[-1])]


def main(name: str) -> None:
    os.environ.update(ENVIRONMENT)
    found = import_module(f"benchmarks.{name}").measure()
    print(json.dumps([asdict(each) for each in found]))


if __name__ == "__main__":
    main(sys.argv[1])
