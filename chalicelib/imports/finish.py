"""The last step of an import: add up what the chunks recorded, write the report, end the job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core import logs
from chalicelib.core.aws import objects
from chalicelib.core.aws.state_machine_steps import step
from chalicelib.core.errors import Gone
from chalicelib.imports import report
from chalicelib.imports.chunk_reports import report_blocks
from chalicelib.imports.clearing import clear_import
from chalicelib.imports.model import Counts, chunk_parts, report_key
from chalicelib.imports.progress import counted
from chalicelib.imports.retry import merged
from chalicelib.jobs import ENDED, jobs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.jobs.rows import Job


@step
def finish_import(event: dict[str, Any]) -> dict[str, Any]:
    """End the job of `{job}` or of `{job, run}`, or fail it where the state machine adds the `error` of a step:
    `{job, status}`.

    In both cases the outcome is counted and reported, and the chunks are removed. A job that has ended is not changed,
    nor is one whose current run is another.
    """
    job, run = jobs().get(event["job"], "import"), event.get("run", "")
    if job.get("run", "") != run:
        return {"job": job["id"], "status": job["status"]}
    if job["status"] not in ENDED:
        job = _ended(job, run, event.get("error"))
        logs.info("import ended", job=job["id"], status=job["status"], counts=job.get("counts"))
    clear_import(job, run)
    return {"job": job["id"], "status": job["status"]}


def _ended(job: Job, run: str, error: dict[str, Any] | None) -> Job:
    """End the job with the counts of its chunks and a report."""
    further: dict[str, Any] = {}
    if run:
        try:
            counts, blocks = merged(job, run)
        except Gone as missing:
            return jobs().settle(job["id"], status="failed", reason=missing.detail)
    else:
        counts, notes = counted(job)
        further, blocks = {"notes": notes.stored()}, _report_of_chunks(job["id"])
    final_fields: dict[str, Any] = {"status": "finished", "counts": counts.stored(), **further}
    reason = _failure(job, error, run)
    if reason:
        final_fields |= {"status": "failed", "reason": reason}
    written = _report(job, run, counts, blocks)
    if written:
        final_fields["report"] = written
    return jobs().settle(job["id"], **final_fields)


def _failure(job: Job, error: dict[str, Any] | None, run: str) -> str:
    """Why the job failed, or nothing. An error's cause may quote rows, so it is named by its class alone."""
    again = "what was imported stays, and sending the file again imports the rest"
    if error:
        return f"a step failed for good ({error.get('Error', 'unknown')}): {again}"
    planned, done = int(job.get("chunks", 0)), _done(job["id"])
    if run and "refused" not in job:
        planned, done = planned + int(job.get("retry_chunks", 0)), done + _done(job["id"], run)
    return f"{planned - done} of {planned} chunks were not done: {again}" if done < planned else ""


def _done(job_id: str, run: str = "") -> int:
    return sum(1 for _ in jobs().parts(job_id, chunk_parts(run)))


def _report(job: Job, run: str, counts: Counts, blocks: Iterator[bytes]) -> dict[str, Any] | None:
    """Write the report as JSON lines and as CSV. Returns the two keys and the size of the JSON lines in bytes, or None
    where there is nothing to report."""
    trial = bool(job.get("options", {}).get("dry_run"))
    if not counts.failed and not (trial and counts.rows) and not run:
        return None
    as_json, as_csv = (report_key(job["id"], name, run) for name in ("errors.ndjson", "errors.csv"))
    size = objects.write(as_json, blocks)
    objects.write(as_csv, report.as_csv(report.lines_in(objects.blocks(as_json)), job["content"], trial=trial))
    return {"ndjson": as_json, "csv": as_csv, "bytes": size}


def _report_of_chunks(job_id: str) -> Iterator[bytes]:
    """The report lines of all chunks of the first run, in blocks."""
    for part in jobs().parts(job_id, chunk_parts()):
        yield from report_blocks(part)
