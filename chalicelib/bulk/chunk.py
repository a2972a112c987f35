"""One chunk of an import: at most 500 rows, run as often as need be, with one outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.bulk import files, item_rows, people_rows
from chalicelib.bulk.lines import Line
from chalicelib.bulk.model import Options
from chalicelib.core import context, logs
from chalicelib.jobs import jobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.bulk.model import Content
    from chalicelib.bulk.outcome import Outcome

_RUN: dict[Content, Callable[[list[Line], str, Options], Outcome]] = {
    "users": people_rows.run,
    "items": item_rows.run,
}


def import_chunk(entry: dict[str, Any]) -> dict[str, Any]:
    """Import the rows of one entry of a manifest: `{job, chunk, counts}`.

    Two calls beside those that write the rows: the chunk is read, and its outcome recorded, once. Killed anywhere
    and run again, it finds what it did before and counts it as done. Raises Transient to be run again.
    """
    job_id, chunk = entry["job"], int(entry["chunk"])
    lines = [Line.read(written) for written in files.read(entry["key"]).split(b"\n") if written]
    with context.working_for(entry["request_id"], entry["actor"], entry.get("traceparent", "")):
        outcome = _RUN[entry["kind"]](lines, job_id, Options(**entry["options"]))
        jobs().put_part(job_id, f"chunk#{chunk:05}", **outcome.stored())
    logs.info("chunk imported", job=job_id, chunk=chunk, counts=outcome.counts.stored())
    return {"job": job_id, "chunk": chunk, "counts": outcome.counts.stored()}
