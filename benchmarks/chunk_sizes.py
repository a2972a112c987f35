"""`python -m benchmarks chunk_sizes`: the time of a row of an import at 20 ms a call, by the rows of its chunk and by
how many transactions are written at once, beside a loop of boto3."""

from __future__ import annotations

import argparse
import os
import time
from contextlib import redirect_stdout
from functools import partial
from typing import TYPE_CHECKING

from benchmarks import null_aws
from benchmarks.import_rows import BareLoop, Chunk, microseconds_of
from benchmarks.measuring import Measured, medians

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = (500, 2000, 5000, 8000)
WRITERS = (8, 16, 24, 32)
ROUNDS, SECONDS = 5, 120.0


def main(arguments: list[str]) -> int:
    """Print a line for each."""
    argparse.ArgumentParser(prog="python -m benchmarks chunk_sizes", description=__doc__).parse_args(arguments)
    with null_aws.running() as aws, open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        chunks = {rows: Chunk({}, first=rows * 1_000_000, rows=rows) for rows in ROWS}
        loop = BareLoop(chunks[max(ROWS)])
        aws.canned()
        for run in (*(chunk.import_it for chunk in chunks.values()), loop.by_boto3):
            run()
        aws.delay(milliseconds=20)
        runs = {
            f"{rows:,} rows, {writers} writers": partial(_imported, chunk, writers)
            for rows, chunk in chunks.items()
            for writers in WRITERS
        }
        bare: Callable[[], float] = partial(microseconds_of, loop.by_boto3, loop.rows, time.monotonic)
        found = medians({**runs, "boto3": bare}, rounds=ROUNDS, seconds=SECONDS)
    for what, value in found.items():
        print(Measured(what, value, found["boto3"], "us"))
    return 0


def _imported(chunk: Chunk, writers: int) -> float:
    from chalicelib.accounts import many

    many.WRITERS = writers
    return microseconds_of(chunk.import_it, chunk.rows, time.monotonic)
