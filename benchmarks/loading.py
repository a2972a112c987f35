"""Cold imports: what Lambda waits for before a function's first call, in a fresh process each time.

For each handler `app.py` and the modules that its first call imports, against a bare `import chalice, boto3`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial

from benchmarks.measuring import Measured, medians
from tests.environment import ENVIRONMENT
from tests.unit.appfile import ROOT, handlers

BASELINE = ("chalice", "boto3")
SECONDS = 30.0


def milliseconds(handler: str, modules: tuple[str, ...]) -> float:
    """How long a fresh process takes to import these for this handler, its own start left out."""
    program = f"import time; t = time.perf_counter(); import {', '.join(modules)}; print(time.perf_counter() - t)"
    environment = {**os.environ, **ENVIRONMENT, "_HANDLER": f"app.{handler}"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return float(done.stdout) * 1000


def measure() -> list[Measured]:
    imported = {"app": ("app",), **{name: ("app", *modules) for name, modules in handlers().items()}}
    runs = {"": partial(milliseconds, "none", BASELINE)}
    runs |= {name: partial(milliseconds, name, modules) for name, modules in imported.items()}
    found = medians(runs, rounds=5, seconds=SECONDS)
    baseline = found.pop("")
    return [Measured("the API" if name == "app" else name, value, baseline, "ms") for name, value in found.items()]
