"""`make bench`: a table and a picture of each section. Ratios hold from one machine to another better than times do.

`python -m benchmarks edge hashing` measures some sections alone, and `--store` keeps the ratios as what later runs are
compared with, and the tables in docs/performance.md.

`python -m benchmarks peers` compares with other systems, and `scaling` says how hot keys get (docs/scaling.md).

On a deployed stage, for minutes: `python -m benchmarks enumeration` measures whether strangers can tell addresses
apart, `latency` how long a change takes to reach a webhook, `imports` a file of 100,000 rows. Without one, `trial`
takes 1,200,000 rows from upload to report, and `sweep` says what looking for lost changes takes after them.

`imported "GET /me"` shows what a cold start loads, `costs` measures the CPU that `rollcall cost` counts with,
`consumers` what each memory size of a consumer costs, `read_model` how many events a second the read model takes,
`chunk_sizes` what chunks and writers an import is fast with, and `searches` how long searches of a million people take.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from benchmarks import report
from benchmarks.sections import SECTIONS

BY_NAME = (
    "chunk_sizes",
    "consumers",
    "costs",
    "enumeration",
    "imported",
    "imports",
    "latency",
    "peers",
    "questions",
    "read_model",
    "scaling",
    "searches",
    "sweep",
    "trial",
)
"""What takes minutes or answers another question, and is measured only when it is asked for."""


def main() -> None:
    if sys.argv[1:2] and sys.argv[1] in BY_NAME:
        sys.exit(import_module(f"benchmarks.{sys.argv[1]}").main(sys.argv[2:]))
    names = [section.name for section in SECTIONS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.split("\n")[0])
    parser.add_argument("sections", nargs="*", metavar="section", help=f"of {', '.join(names)}; all by default")
    parser.add_argument(
        "--store",
        action="store_true",
        help="keep ratios and tables, as the baseline of later runs and in the docs",
    )
    asked = parser.parse_args()
    if unknown := set(asked.sections) - set(names):
        parser.error(f"there is no section {min(unknown)}")
    found = report.Report(report.ROOT / "build" / "bench", report.stored())
    for section in SECTIONS:
        if not asked.sections or section.name in asked.sections:
            found.add(section)
    print("\nPictures: build/bench/")
    for warning in found.warnings:
        print(f"warning: {warning}")
    if asked.store:
        report.store(found)


if __name__ == "__main__":
    main()
