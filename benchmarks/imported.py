"""`python -m benchmarks imported "GET /me"`: what a function imports until its first answer, by module and
milliseconds, the slowest first: a module's own time, and with all that it imports.

Each figure is the least of several runs, by `python -X importtime`.
"""

from __future__ import annotations

import argparse
import re
import subprocess

from benchmarks.cold import Start, events, packages

RUNS = 5
SHOWN = 40
LINE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|(\s+)(\S+)")

Times = dict[str, tuple[float, float]]
"""Of each module its own milliseconds, and those with what it imports."""


def times(text: str) -> Times:
    """What `-X importtime` wrote."""
    found = (LINE.match(line) for line in text.splitlines())
    return {line[4]: (int(line[1]) / 1000, int(line[2]) / 1000) for line in found if line}


def least(runs: list[Times]) -> Times:
    """Of each module that every run imported, the least."""
    common = set.intersection(*(set(run) for run in runs))
    return {
        module: (min(run[module][0] for run in runs), min(run[module][1] for run in runs)) for module in common
    }


def main(arguments: list[str]) -> int:
    """Print the modules that take longest."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks imported", description=__doc__)
    parser.add_argument("answer", help='"GET /me", say, or the name of a consumer')
    answer = parser.parse_args(arguments).answer
    with packages() as package, events() as asked:
        if answer not in asked:
            parser.error(f"say one of {', '.join(asked)}")
        handler, file = asked[answer]
        start = Start(package.ours, handler, file)
        command = start.command(package.python, "-X", "importtime")
        runs = [
            times(
                subprocess.run(command, env=start.variables(), capture_output=True, text=True, check=True).stderr
            )
            for _ in range(RUNS)
        ]
    found = least(runs)
    print(f"{len(found)} modules, {sum(own for own, _ in found.values()):.1f} ms\n")
    print("     own     all  module")
    for module, (own, whole) in sorted(found.items(), key=lambda item: -item[1][1])[:SHOWN]:
        print(f"{own:8.2f}{whole:8.2f}  {module}")
    return 0
