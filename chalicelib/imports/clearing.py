"""Removing what a job wrote for its own steps, as soon as these have served.

Rows and secrets of people are kept only as long as they are needed. A chunk is deleted when its import has ended,
except for the refused rows: a retry takes their secrets from it. If a step dies, the lifecycle rule of the bucket
deletes what it left. All chunks are encrypted (`files.put_sealed`).
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
from chalicelib.imports.rows.chunk_lines import lines_in, referenced
from chalicelib.jobs import jobs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chalicelib.jobs.rows import Job

AT_ONCE = 8


def clear_import(job: Job, run: str) -> None:
    """Remove the chunks of a run of an import that has ended. Of the chunks of the first run, the rows that are still
    refused stay, because a retry needs them. Can be repeated, also after a part of it was done."""
    refused = _refused(job)
    if run:
        touched = {chunk for key in _chunks(job, run) for chunk in _named_in(key)}
        in_parallel(lambda chunk: _keep(job, chunk, refused.get(chunk, set())), touched, AT_ONCE)
        drop_chunks(job, run)
    else:
        keys = list(_chunks(job, ""))
        in_parallel(lambda chunk: _keep(job, chunk, refused[chunk]), refused, AT_ONCE)
        needed_keys = {chunk_key(job["id"], chunk) for chunk in refused}
        objects.delete(key for key in keys if key not in needed_keys)
    objects.delete(part["told_at"] for part in jobs().parts(job["id"], chunk_parts(run)) if "told_at" in part)


def drop_chunks(job: Job, run: str) -> None:
    """Remove every chunk of a run of an import."""
    objects.delete(_chunks(job, run))


def _chunks(job: Job, run: str) -> Iterable[str]:
    """The keys of a run's chunks: as many as its plan counted or, without a count, those that exist."""
    counted = job.get("retry_chunks") if run else job.get("chunks")
    numbers = count(1) if counted is None else range(1, counted + 1)
    keys = (chunk_key(job["id"], number, run) for number in numbers)
    return takewhile(objects.exists, keys) if counted is None else keys


def _refused(job: Job) -> Mapping[int, set[int]]:
    """The numbers of the rows that can still be retried, by chunk: none for a trial, and none after the report was
    deleted."""
    refused: defaultdict[int, set[int]] = defaultdict(set)
    if "report" not in job or job.get("options", {}).get("dry_run"):
        return refused
    try:
        blocks = objects.blocks(job["report"]["ndjson"])
    except Gone:
        return refused
    for line in report.lines_in(blocks):
        chunk, number = referenced(json.loads(line).get(REF))
        if chunk:
            refused[chunk].add(number)
    return refused


def _named_in(key: str) -> set[int]:
    """The chunks of the first run that hold the original rows of a retry's chunk."""
    try:
        return {line.named()[0] for line in lines_in(files.read_sealed(key))} - {0}
    except Gone:
        return set()


def _keep(job: Job, chunk: int, numbers: set[int]) -> None:
    """Keep only these rows in a chunk of the first run. The others stay as empty lines, so that their numbers are still
    there."""
    key = chunk_key(job["id"], chunk)
    try:
        lines = list(lines_in(files.read_sealed(key)))
    except Gone:
        return
    lines_to_keep = (line if line.number in numbers else line.emptied() for line in lines)
    files.put_sealed(key, b"".join(line.written() for line in lines_to_keep))
