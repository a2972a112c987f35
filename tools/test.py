"""`make test`: every level of tests, quickest first.

The cloud level has processes of its own: it points the environment at a real cloud, the others at a pretended one.
"""

from __future__ import annotations

import subprocess
import sys

from infra.stage import ROOT

LEVELS = (
    ["tests/unit", "tests/functional", "tests/simulation"],
    ["tests/cloud"],
)


def main() -> None:
    for folders in LEVELS:
        command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", *folders]
        done = subprocess.run(command, cwd=ROOT, check=False)
        if done.returncode:
            raise SystemExit(done.returncode)


if __name__ == "__main__":
    main()
