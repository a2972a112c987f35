"""Cold imports: what Lambda waits for before a function's first call, in a fresh process each time.

For each handler `app.py` and the modules that its first call imports, against a bare `import chalice, boto3`. CPU time,
of which importing is made, so that a busy machine matters little.
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
SECONDS = 35.0
"""No round of all begins later, so that the whole stays under a minute."""


def milliseconds(handler: str, modules: tuple[str, ...]) -> float:
    """The CPU time in which a fresh process imports these for this handler, its own start left out."""
    program = f"import time; t = time.process_time(); import {', '.join(modules)}; print(time.process_time() - t)"
    environment = {**os.environ, **ENVIRONMENT, "_HANDLER": f"app.{handler}"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return float(done.stdout) * 1000


def measure() -> list[Measured]:
    """One line for each set of modules, under the name of the first handler that imports it."""
    named: dict[tuple[str, ...], list[str]] = {("app",): ["app"]}
    for handler, modules in handlers().items():
        named.setdefault(("app", *modules), []).append(handler)
    runs = {names[0]: partial(milliseconds, names[0], modules) for modules, names in named.items()}
    found = medians({"": partial(milliseconds, "none", BASELINE), **runs}, rounds=5, seconds=SECONDS)
    baseline = found.pop("")
    more = {names[0]: f" and {len(names) - 1} more" if names[1:] else "" for names in named.values()}
    return [
        Measured("the API" if name == "app" else f"{name}{more[name]}", value, baseline, "ms")
        for name, value in found.items()
    ]
