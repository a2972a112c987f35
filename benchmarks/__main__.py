"""`make bench`: prints medians and ratios. Ratios hold from one machine to another better than times do.

On a deployed stage, for minutes: `python -m benchmarks enumeration` measures whether strangers can tell addresses
apart, `latency` how long a change takes to reach a webhook, `imports` a file of 100,000 rows. Without one, `trial`
takes 1,200,000 rows from upload to report, and `sweep` says what looking for lost changes takes after them.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from tests.environment import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.measuring import Measured

BY_NAME = ("enumeration", "imports", "latency", "sweep", "trial")
"""What takes minutes, and is measured only when it is asked for."""


def main() -> None:
    if sys.argv[1:2] and sys.argv[1] in BY_NAME:
        sys.exit(import_module(f"benchmarks.{sys.argv[1]}").main(sys.argv[2:]))
    os.environ.update(ENVIRONMENT)
    from benchmarks import hashes, loading, marshalling, packages, requests

    print(f"  {'':<34}{'median':>13}{'baseline':>13}  ratio")
    report("Cold import of app.py and a handler's modules; baseline: import chalice, boto3", loading.measure())
    report("DynamoDB's typed JSON; baseline: boto3's serializer", marshalling.measure())
    report("A request in process; baseline: bare Chalice", requests.measure())
    report("A password checked, CPU time; baseline: one of our own hashes", hashes.measure())
    report("Package; baseline: Lambda's limits", packages.measure() or "  none is built: make package STAGE=prod")


def report(title: str, found: Iterable[Measured] | str) -> None:
    print(f"\n{title}")
    for line in [found] if isinstance(found, str) else found:
        print(line, flush=True)


if __name__ == "__main__":
    main()
