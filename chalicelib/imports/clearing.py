"""Removing what a job wrote for its own steps, as soon as these have served.

Rows and secrets of people are kept no longer than somebody needs them: a chunk until its import has ended, but for the
rows that were refused, which a retry takes secrets from. What a step that died leaves goes with the bucket's own
expiry, and chunks are sealed (`files.put_sealed`) as long as they are there.
"""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import count, takewhile
from typing import TYPE_CHECKING

from chalicelib.core.aws import objects
from chalicelib.core.aws.parallel import in_parallel
from chalicelib.core.errors import Gone
from chalicelib.imports import files, report
from chalicelib.imports.columns import REF
from chalicelib.imports.model import (
    chunk_key,
    chunk_parts,
)
from chalicelib.imports.rows.chunk_lines import lines_in, reference
from chalicelib.jobs import jobs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chalicelib.jobs.rows import Job

AT_ONCE = 8


def clear_import(job: Job, run: str) -> None:
    """Remove the chunks of a run of an import that has ended, and of the first run's all but what a retry needs of the
    rows that are refused still. Repeatable, whatever of it was done."""
    refused = _refused(job)
    if run:
        touched = {chunk for key in _chunks(job, run) for chunk in _named_in(key)}
        in_parallel(lambda chunk: _keep(job, chunk, refused.get(chunk, set())), touched, AT_ONCE)
        drop_chunks(job, run)
    else:
        keys = list(_chunks(job, ""))
        in_parallel(lambda chunk: _keep(job, chunk, refused[chunk]), refused, AT_ONCE)
        kept = {chunk_key(job["id"], chunk) for chunk in refused}
        objects.delete(key for key in keys if key not in kept)
    objects.delete(part["told_at"] for part in jobs().parts(job["id"], chunk_parts(run)) if "told_at" in part)


def drop_chunks(job: Job, run: str) -> None:
    """Remove every chunk of a run of an import."""
    objects.delete(_chunks(job, run))


def _chunks(job: Job, run: str) -> Iterable[str]:
    """The keys of a run's chunks: those that its plan counted, or else those that are there."""
    counted = job.get("retry_chunks") if run else job.get("chunks")
    numbers = count(1) if counted is None else range(1, counted + 1)
    keys = (chunk_key(job["id"], number, run) for number in numbers)
    return takewhile(objects.exists, keys) if counted is None else keys


def _refused(job: Job) -> Mapping[int, set[int]]:
    """By chunk, the numbers of the rows that a retry may still take. A trial takes none, nor an import whose report is
    not kept any more."""
    refused: defaultdict[int, set[int]] = defaultdict(set)
    if "report" not in job or job.get("options", {}).get("dry_run"):
        return refused
    try:
        blocks = objects.blocks(job["report"]["ndjson"])
    except Gone:
        return refused
    for line in report.lines_in(blocks):
        chunk, number = reference(json.loads(line).get(REF))
        if chunk:
            refused[chunk].add(number)
    return refused


def _named_in(key: str) -> set[int]:
    """The chunks of the first run that the rows in a retry's chunk stand for."""
    try:
        return {line.named()[0] for line in lines_in(files.read_sealed(key))} - {0}
    except Gone:
        return set()


def _keep(job: Job, chunk: int, numbers: set[int]) -> None:
    """Leave, of a first run's chunk, these rows, and of the others that there were such."""
    key = chunk_key(job["id"], chunk)
    try:
        lines = list(lines_in(files.read_sealed(key)))
    except Gone:
        return
    left = (line if line.number in numbers else line.emptied() for line in lines)
    files.put_sealed(key, b"".join(line.written() for line in left))
