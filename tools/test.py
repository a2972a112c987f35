"""`make test`: every level of tests, quickest first.

The cloud level has a process of its own, and only one, because it looks back over one cloud. It points the environment
at that cloud, where the others have a pretended one. The browser level comes last, with a cloud of its own.
"""

from __future__ import annotations

import subprocess
import sys

from infra.stage import ROOT

LEVELS = (
    ["-n", "2", "tests/unit", "tests/functional", "tests/simulation"],
    ["tests/cloud"],
    ["tests/browser"],
)


def main() -> None:
    for options in LEVELS:
        done = subprocess.run([sys.executable, "-m", "pytest", *options], cwd=ROOT, check=False)
        if done.returncode:
            raise SystemExit(done.returncode)


if __name__ == "__main__":
    main()
