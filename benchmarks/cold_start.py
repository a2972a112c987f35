"""Cold starts: the CPU time of a fresh process from its start to a function's first answer.

Each is a package as Lambda has it, unpacked, with the calls to AWS answered for nothing. The baseline is a plain
Chalice app of one route that makes one AWS client, as `chalice package` ships it: without byte code, which Lambda's
code folder cannot keep.
"""

from __future__ import annotations

from functools import partial

from benchmarks.cold import Start, events, packages
from benchmarks.measuring import Measured, medians

MOST = {"GET /health": 0.45, "GET /me": 0.75, "the plain one, with byte code": None}
OF_A_CONSUMER = 0.38

ROUNDS = 9
SECONDS = 90.0


def measure() -> list[Measured]:
    with packages() as package, events() as asked:
        health = asked["GET /health"][1]
        starts = {
            "": Start(package.plain, "app.app", health),
            "the plain one, with byte code": Start(package.compiled, "app.app", health),
            **{what: Start(package.ours, handler, file) for what, (handler, file) in asked.items()},
        }
        for start in starts.values():
            start.milliseconds(package.python)  # so that files are in the system's cache, for all alike
        runs = {what: partial(start.milliseconds, package.python) for what, start in starts.items()}
        found = medians(runs, rounds=ROUNDS, seconds=SECONDS)
    plain = found.pop("")
    return [Measured(what, value, plain, "ms", MOST.get(what, OF_A_CONSUMER)) for what, value in found.items()]
