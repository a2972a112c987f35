"""Mended rows of an import that has ended: asking for a retry, and putting its outcome in the place of the refusals."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chalicelib.core import context, ids
from chalicelib.core.aws import objects
from chalicelib.core.errors import Conflict
from chalicelib.imports import files, report
from chalicelib.imports.chunk_reports import kept
from chalicelib.imports.columns import REF
from chalicelib.imports.model import Counts, chunk_parts, retry_part
from chalicelib.imports.upload_forms import new_form
from chalicelib.jobs import ENDED, jobs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chalicelib.jobs.rows import Job, Report


def ask(job: Job, rows: Sequence[dict[str, Any]] | None) -> dict[str, Any] | None:
    """Begin a retry of these rows, or give the form (`url`, `fields`) to upload a file of them with.

    What is uploaded counts as a retry only because it was asked for here. Raises Conflict for a job that has not
    ended or has no rows, Gone for one whose report, in which a retry's outcome takes the place of the refusals, is not
    kept any more.
    """
    if job["status"] not in ENDED or "report" not in job:
        raise Conflict("there is nothing to retry: the import has not ended, or refused no row")
    if job.get("options", {}).get("dry_run"):
        raise Conflict("a trial takes no rows: import the mended file")
    objects.require(job["report"]["ndjson"])
    run, asking = ids.new_id(), context.current()
    asked_by = {"actor": asking.actor, "request_id": asking.request_id}
    form = new_form(job["id"], run)
    jobs().put_part(job["id"], retry_part(run), asked_by=asked_by, form=form.kept)
    if rows is None:
        return files.upload_form(form.key)
    files.put_upload(form.key, b"".join(map(report.written, rows)))
    return None


def merged(job: Job, run: str) -> tuple[Counts, Iterator[bytes]]:
    """What the job's rows come to with this run of it, and the report of those that are refused still.

    A row counts as it was taken first, whatever is sent of it later. Held in memory are the numbers of the run's rows
    alone.
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
    """The lines of rows that were not sent again, and those of the run, but for rows that had been taken already."""
    for line in _lines(before):
        number = _number(line)
        if number is not None and number not in sent:
            yield line
    for part in jobs().parts(job_id, chunk_parts(run)):
        for line in report.lines_in(kept(part)):
            number = _number(line)
            if number is None or number in again:
                yield line


def _lines(before: Report | None) -> Iterator[bytes]:
    return report.lines_in(objects.blocks(before["ndjson"])) if before else iter(())


def _number(line: bytes) -> int | None:
    """The number of the row that a line of a report is about; None for a mended row that stands for none."""
    _, dash, number = str(json.loads(line)[REF]).partition("-")
    return int(number) if dash else None
