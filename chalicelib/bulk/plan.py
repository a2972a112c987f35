"""The first step of an import: read the file once, as a stream, and cut it into chunks that run in parallel.

A chunk is an object of the work bucket with one row a line: `<row number>\\t<line in the file>\\t<fault>\\t<JSON>`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chalicelib.bulk import files
from chalicelib.bulk.columns import COLUMNS
from chalicelib.bulk.formats import Row, open_rows
from chalicelib.bulk.lines import Line
from chalicelib.bulk.model import (
    CHUNK_BYTES,
    CHUNK_ROWS,
    FILE_BYTES,
    ROW_BYTES,
    ROWS_LIMIT,
    Content,
    FileRefused,
    chunk_key,
    manifest_key,
    options_in,
)
from chalicelib.core import clock, logs
from chalicelib.jobs import jobs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.core.dynamo import Item


def plan_import(event: dict[str, Any]) -> dict[str, Any]:
    """Cut the file of `{job, bucket, key, version, kind}` into chunks and write the manifest that names them.

    Returns `{job, manifest: {bucket, key}, chunks}`. A file that cannot be imported fails its job with the reason,
    and has an empty manifest; the answer then holds the reason as `refused` too.
    """
    job_id = event["job"]
    job = jobs().get(job_id, "import")
    try:
        if job["status"] == "failed":
            raise FileRefused(job.get("reason", "the job has failed"))
        chunks = _plan(job, event)
    except FileRefused as refused:
        files.put(manifest_key(job_id), b"[]")
        jobs().settle(job_id, status="failed", reason=refused.detail)
        logs.info("import refused", job=job_id)
        return {**_planned(job_id, 0), "refused": refused.detail}
    logs.info("import planned", job=job_id, chunks=chunks)
    return _planned(job_id, chunks)


def _planned(job_id: str, chunks: int) -> dict[str, Any]:
    manifest = {"bucket": files.work_bucket(), "key": manifest_key(job_id)}
    return {"job": job_id, "manifest": manifest, "chunks": chunks}


def _plan(job: Item, event: dict[str, Any]) -> int:
    """Write the chunks and the manifest: how many there are. Raises FileRefused."""
    source = files.open_upload(event["bucket"], event["key"], event["version"])
    if source.size > FILE_BYTES:
        raise FileRefused(f"the file has {source.size:,} bytes, more than {FILE_BYTES:,}")
    content: Content = event["kind"]
    options = job.get("options") or options_in(source.metadata).stored()
    found = open_rows(source.blocks, COLUMNS[content])
    jobs().change(
        job["id"],
        status="running",
        options=options,
        format=found.format,
        bytes=source.size,
        started_at=job.get("started_at") or clock.timestamp(),
    )
    chunks, rows = _write_chunks(job["id"], found.rows, ROW_BYTES[content])
    _write_manifest(job, content, options, chunks)
    jobs().change(job["id"], chunks=chunks, rows=rows)
    return chunks


def _write_chunks(job_id: str, rows: Iterable[Row], row_bytes: int) -> tuple[int, int]:
    """How many chunks and rows were written."""
    chunks, number = 0, 0
    pending: list[bytes] = []
    size = 0
    for number, row in enumerate(rows, 1):
        if number > ROWS_LIMIT:
            raise FileRefused(f"the file has more than {ROWS_LIMIT:,} rows")
        line = _line(number, row, row_bytes)
        if pending and (len(pending) == CHUNK_ROWS or size + len(line) > CHUNK_BYTES):
            chunks += 1
            files.put(chunk_key(job_id, chunks), b"".join(pending))
            pending, size = [], 0
        pending.append(line)
        size += len(line)
    if pending:
        chunks += 1
        files.put(chunk_key(job_id, chunks), b"".join(pending))
    return chunks, number


def _line(number: int, row: Row, row_bytes: int) -> bytes:
    if len(row.text) > row_bytes:
        fault = f"has {len(row.text):,} bytes, more than {row_bytes:,}"
        return Line(number, row.line, fault, b"").written()
    return Line(number, row.line, row.fault, row.text).written()


def _write_manifest(job: Item, content: Content, options: dict[str, Any], chunks: int) -> None:
    """Write what each chunk's invocation gets, one JSON object each, so that none reads the job."""
    entries = [
        json.dumps(
            {
                "job": job["id"],
                "chunk": chunk,
                "bucket": files.work_bucket(),
                "key": chunk_key(job["id"], chunk),
                "kind": content,
                "options": options,
                "actor": job.get("changed_by", ""),
                "request_id": job.get("request_id", ""),
                "traceparent": job.get("traceparent", ""),
            }
        )
        for chunk in range(1, chunks + 1)
    ]
    lines = ",\n".join(entries)
    files.put(manifest_key(job["id"]), f"[{lines}]".encode())
