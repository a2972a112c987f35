"""A retry of corrected rows after an import has ended: how it starts, and how its outcome replaces the refusals."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chalicelib.core import context, ids
from chalicelib.core.aws import objects
from chalicelib.core.errors import Conflict
from chalicelib.imports import files, report
from chalicelib.imports.chunk_reports import report_blocks
from chalicelib.imports.columns import REF
from chalicelib.imports.model import Counts, chunk_parts, retry_part
from chalicelib.imports.rows.chunk_lines import referenced
from chalicelib.imports.upload_forms import new_form
from chalicelib.jobs import ENDED, jobs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chalicelib.jobs.rows import Job, Report


def start_retry(job: Job, rows: Sequence[dict[str, Any]] | None) -> dict[str, Any] | None:
    """Start a retry of these rows. Without rows, return the form (`url`, `fields`) to upload a file of them with.

    An upload counts as a retry only if its form was made here. Raises Conflict for a job that has not ended or has no
    rows to retry. Raises Gone if the report, in which the outcome of the retry replaces the refusals, was deleted.
    """
    if job["status"] not in ENDED or "report" not in job:
        raise Conflict("there is nothing to retry: the import has not ended, or refused no row")
    if job.get("options", {}).get("dry_run"):
        raise Conflict("a trial takes no rows: import the mended file")
    objects.require(job["report"]["ndjson"])
    run, request = ids.new_id(), context.current()
    asked_by = {"actor": request.actor, "request_id": request.request_id}
    form = new_form(job["id"], run)
    jobs().put_part(job["id"], retry_part(run), asked_by=asked_by, form=form.record)
    if rows is None:
        return files.upload_form(form.key)
    files.put_upload(form.key, b"".join(map(report.written, rows)))
    return None


def merged(job: Job, run: str) -> tuple[Counts, Iterator[bytes]]:
    """The counts of the job with this run, and the report of the rows that are still refused.

    A row that was imported once keeps its outcome, also if it is sent again. Only the numbers of the run's rows are
    held in memory.
    """
    became: dict[int, str] = {}
    refused: set[int] = set()
    for part in jobs().parts(job["id"], chunk_parts(run)):
        refused |= {int(number) for number in part["refused"]}
        became |= {int(number): outcome for outcome, numbers in part["became"].items() for number in numbers}
    before = job.get("report")
    counts, mended, again = Counts(), dict.fromkeys(("created", "updated", "unchanged"), 0), set()
    for line in _lines(before):
        number = _number(line)
        if number in became:
            mended[became[number]] += 1
        elif number in refused:
            again.add(number)
    counts.add(job["counts"])
    counts.add(mended)
    counts.failed -= sum(mended.values())
    return counts, _merged(job["id"], run, before, became.keys() | refused, again)


def _merged(job_id: str, run: str, before: Report | None, sent: set[int], again: set[int]) -> Iterator[bytes]:
    """The lines of the rows that were not sent again, then those of the run, without rows that were imported before."""
    for line in _lines(before):
        number = _number(line)
        if number is not None and number not in sent:
            yield line
    for part in jobs().parts(job_id, chunk_parts(run)):
        for line in report.lines_in(report_blocks(part)):
            number = _number(line)
            if number is None or number in again:
                yield line


def _lines(before: Report | None) -> Iterator[bytes]:
    return report.lines_in(objects.blocks(before["ndjson"])) if before else iter(())


def _number(line: bytes) -> int | None:
    """The number of the row that a line of a report is about; None for a corrected row without an original."""
    _, number = referenced(json.loads(line)[REF])
    return number or None
