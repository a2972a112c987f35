"""The last step of an import: add up what the chunks recorded, write the report, end the job."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from chalicelib.bulk import files
from chalicelib.bulk.cells import defused
from chalicelib.bulk.model import report_key
from chalicelib.bulk.outcome import errors_in
from chalicelib.bulk.progress import counted
from chalicelib.core import logs
from chalicelib.jobs import jobs
from chalicelib.jobs.store import ENDED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.bulk.model import RowError
    from chalicelib.core.dynamo import Item


def finish_import(event: dict[str, Any]) -> dict[str, Any]:
    """End the job of `{job}`, or fail it where the state machine adds the `error` of a step: `{job, status}`.

    Either way what was done is counted and reported. A job that has ended stays as it is.
    """
    job = jobs().get(event["job"], "import")
    if job["status"] in ENDED:
        return {"job": job["id"], "status": job["status"]}
    counts, chunks = counted(job["id"])
    ending: dict[str, Any] = {"status": "finished", "counts": counts.stored()}
    reason = _failure(job, event.get("error"), chunks)
    if reason:
        ending |= {"status": "failed", "reason": reason}
    if counts.failed:
        ending["report"] = _report(job["id"])
    job = jobs().settle(job["id"], **ending)
    logs.info("import ended", job=job["id"], status=job["status"], counts=counts.stored())
    return {"job": job["id"], "status": job["status"]}


def _failure(job: Item, error: dict[str, Any] | None, chunks: int) -> str:
    """Why the job failed, or nothing. An error's cause may quote rows, so it is named by its class alone."""
    again = "what was imported stays, and sending the file again imports the rest"
    if error:
        return f"a step failed for good ({error.get('Error', 'unknown')}): {again}"
    if chunks < job.get("chunks", 0):
        return f"{job['chunks'] - chunks} of {job['chunks']} chunks were not done: {again}"
    return ""


def _report(job_id: str) -> dict[str, Any]:
    """Write every error as JSON lines and as CSV: their keys, and the size of the former in bytes."""
    as_json, as_csv = report_key(job_id, "ndjson"), report_key(job_id, "csv")
    size = files.write(as_json, (_as_json(error) for error in _errors(job_id)))
    files.write(as_csv, _as_csv(_errors(job_id)))
    return {"ndjson": as_json, "csv": as_csv, "bytes": size}


def _errors(job_id: str) -> Iterator[RowError]:
    for part in jobs().parts(job_id, "chunk#"):
        yield from errors_in(part)


def _as_json(error: RowError) -> bytes:
    return f"{json.dumps(error._asdict(), ensure_ascii=False)}\n".encode()


def _as_csv(errors: Iterator[RowError]) -> Iterator[bytes]:
    yield b"line,field,reason\r\n"
    for error in errors:
        row = io.StringIO()
        csv.writer(row).writerow([error.line, defused(error.field), defused(error.reason)])
        yield row.getvalue().encode()
