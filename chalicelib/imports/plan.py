"""The first step of an import: read the file once, as a stream, and cut it into chunks that run in parallel.

A chunk is an object of the work bucket with one row a line: `<row number>\\t<line in the file>\\t<fault>\\t<JSON>`.
It is sealed, for rows hold hashes and secrets, and in some systems' files plain passwords.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock, logs, wire
from chalicelib.core.aws import objects
from chalicelib.core.aws.state_machine_steps import step
from chalicelib.core.crypto.message_macs import vouched
from chalicelib.core.errors import Gone, Malformed
from chalicelib.imports import files
from chalicelib.imports.columns import COLUMNS, REPORT
from chalicelib.imports.formats import Opened, Row, open_rows
from chalicelib.imports.model import (
    CHUNK_BYTES,
    CHUNK_ROWS,
    FILE_BYTES,
    ROW_BYTES,
    ROWS_LIMIT,
    Content,
    FileRefused,
    Options,
    UnknownSystem,
    chunk_key,
    manifest_key,
    options_in,
    retry_part,
    upload_digest,
    upload_part,
)
from chalicelib.imports.options import system_options_of
from chalicelib.imports.rows.chunk_lines import line_of
from chalicelib.imports.systems.suggestion import suggested
from chalicelib.jobs import jobs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from chalicelib.jobs.rows import Job

CHUNKS_PER_PROGRESS = 25
"""Chunks between two updates of the job: 50,000 rows, which take some seconds."""


@step
def plan_import(event: dict[str, Any]) -> dict[str, Any]:
    """Cut the file of `{job, bucket, key, version}` into chunks and write the manifest that names them; `run` is there
    too where the file retries rows of a job that has ended. The object must be the one that the job's own record names:
    otherwise a caller could import any file with the rights of a job.

    Returns `{job, manifest: {bucket, key}, chunks}`. A file that cannot be imported fails its job with the reason, and
    has an empty manifest; the answer then holds the reason as `refused` too. A retry's file leaves the job as it was.
    Raises Malformed if the object is not the one that was uploaded for the job.
    """
    job_id, run = event["job"], event.get("run", "")
    job, came = jobs().get(job_id, "import"), jobs().part(job_id, upload_part(run))
    if came is None or came["digest"] != upload_digest(event["bucket"], event["key"], event["version"]):
        raise Malformed("no such file came for this job")
    if run:
        job = jobs().reopen(job_id, run)
    try:
        if job["status"] == "failed":
            raise FileRefused(job.get("reason") or "the job has failed")
        chunks = _plan(job, event, run)
    except (FileRefused, Gone) as refused:
        objects.put(manifest_key(job_id, run), b"[]")
        if run:
            jobs().change(job_id, refused=refused.detail)
        else:
            jobs().settle(job_id, status="failed", reason=refused.detail)
        logs.info("import refused", job=job_id)
        return {**_planned(job_id, run, 0), "refused": refused.detail}
    logs.info("import planned", job=job_id, chunks=chunks)
    return _planned(job_id, run, chunks)


def _planned(job_id: str, run: str, chunks: int) -> dict[str, Any]:
    manifest = {"bucket": objects.work_bucket(), "key": manifest_key(job_id, run)}
    return {"job": job_id, "manifest": manifest, "chunks": chunks}


def _plan(job: Job, event: dict[str, Any], run: str) -> int:
    """Write the chunks and the manifest. Returns how many chunks there are. A trial of a file whose system nobody knows
    goes on with a mapping that is suggested for it. Raises FileRefused."""

    def opened_upload() -> files.Source:
        return files.open_upload(event["bucket"], event["key"], event["version"])

    source = opened_upload()
    if source.size > FILE_BYTES:
        raise FileRefused(f"the file has {source.size:,} bytes, more than {FILE_BYTES:,}")
    content: Content = job["content"]
    options = Options(**(job.get("options") or options_in(source.metadata).stored()))
    system_options_of(options)
    allowed = frozenset(COLUMNS[content]) | (frozenset(REPORT) if run else frozenset())
    if run:
        return _plan_retry(job, content, run, open_rows(source.blocks, allowed, foreign=False))
    foreign = content == "users"
    try:
        opened = open_rows(source.blocks, allowed, foreign=foreign, columns=options.columns)
    except UnknownSystem as unknown:
        if not options.dry_run:
            raise
        options = replace(options, columns=suggested(unknown.sample))
        opened = open_rows(opened_upload().blocks, allowed, columns=options.columns)
    started = {"started_at": job.get("started_at") or clock.timestamp(), "status": "running"}
    file_facts = {"format": opened.format, "system": opened.system, "bytes": source.size}
    job = jobs().change(job["id"], options=options.stored(), **file_facts, **started)

    def record_progress(rows: int) -> None:
        jobs().change(job["id"], read=rows)

    chunks, rows = _write_chunks(job["id"], opened.rows, ROW_BYTES[content], record_progress=record_progress)
    _write_manifest(job, content, chunks)
    jobs().change(job["id"], chunks=chunks, rows=rows, read=rows, file_notes=opened.notes.stored())
    return chunks


def _plan_retry(job: Job, content: Content, run: str, opened: Opened) -> int:
    """Write the chunks of corrected rows. Returns how many there are. Raises FileRefused."""
    if "chunks" not in job or "system" not in job:
        raise FileRefused("the job has no rows to retry: its file was refused")
    chunks, rows = _write_chunks(job["id"], opened.rows, ROW_BYTES[content], run)
    retry = jobs().part(job["id"], retry_part(run))
    requester = retry.get("asked_by", {}) if retry else {}
    _write_manifest(job, content, chunks, run=run, of_chunks=job["chunks"], **requester)
    jobs().change(job["id"], retry_chunks=chunks, retry_rows=rows)
    return chunks


def _write_chunks(
    job_id: str,
    rows: Iterable[Row],
    row_bytes: int,
    run: str = "",
    record_progress: Callable[[int], None] = lambda _: None,
) -> tuple[int, int]:
    """Write the chunks. Returns how many chunks and rows there are. `record_progress` is called after every
    `CHUNKS_PER_PROGRESS` chunks with the number of rows read so far."""
    chunks, number = 0, 0
    try:
        for chunks, number, lines in _cut(rows, row_bytes):
            files.put_sealed(chunk_key(job_id, chunks, run), lines)
            if chunks % CHUNKS_PER_PROGRESS == 0:
                record_progress(number)
    except FileRefused:
        objects.delete(chunk_key(job_id, chunk, run) for chunk in range(1, chunks + 1))
        raise
    return chunks, number


def _cut(rows: Iterable[Row], row_bytes: int) -> Iterator[tuple[int, int, bytes]]:
    """The lines of each chunk, with its number and that of its last row. Raises FileRefused."""
    chunks, number = 0, 0
    pending: list[bytes] = []
    size = 0
    for number, row in enumerate(rows, 1):
        if number > ROWS_LIMIT:
            raise FileRefused(f"the file has more than {ROWS_LIMIT:,} rows")
        line = line_of(number, row, row_bytes).written()
        if pending and (len(pending) == CHUNK_ROWS or size + len(line) > CHUNK_BYTES):
            chunks += 1
            yield chunks, number - 1, b"".join(pending)
            pending, size = [], 0
        pending.append(line)
        size += len(line)
    if pending:
        yield chunks + 1, number, b"".join(pending)


def _write_manifest(job: Job, content: Content, chunks: int, *, run: str = "", **more: Any) -> None:
    """Write what each chunk's invocation gets, one JSON object each, so that none reads the job; with a MAC, so that
    nobody else can write one."""
    for_all = {
        "job": job["id"],
        "bucket": objects.work_bucket(),
        "kind": content,
        "options": job["options"],
        "system": job["system"],
        "actor": job.get("changed_by", ""),
        "request_id": job.get("request_id", ""),
        "traceparent": job.get("traceparent", ""),
        **({"run": run} if run else {}),
        **more,
    }
    entries = [
        wire.to_json(vouched("manifests", {**for_all, "chunk": chunk, "key": chunk_key(job["id"], chunk, run)}))
        for chunk in range(1, chunks + 1)
    ]
    lines = ",\n".join(entries)
    objects.put(manifest_key(job["id"], run), f"[{lines}]".encode())
