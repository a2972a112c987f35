"""`make test`: every level of tests, quickest first, with one closing line over all."""

from __future__ import annotations

import subprocess
import sys

from infra.stage import ROOT


def main() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", "tests"], cwd=ROOT, check=False
    )
    raise SystemExit(done.returncode)


if __name__ == "__main__":
    main()
