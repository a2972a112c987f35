"""Everybody, as a file that an import takes: segments of the table in parallel, then joined into one."""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING, Any

from chalicelib.bulk import files
from chalicelib.bulk.columns import PERSON
from chalicelib.bulk.machines import start
from chalicelib.bulk.model import export_key, segment_key
from chalicelib.core import clients, clock, ids, logs, records
from chalicelib.jobs import jobs
from chalicelib.jobs.store import ENDED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.core.dynamo import Item

SEGMENTS = 4
"""Scanned in parallel. One reads some 10 MB a second: four take millions of people in the 15 minutes of a function."""

NOT_GIVEN: dict[str, Any] = {"attributes": {}, "metadata": {}, "roles": [], "status": "active"}
"""What a person has without a row saying so: left out, so that an import without privileges takes the file."""


def start_export() -> Item:
    """Begin to export everybody: the job that does it."""
    job, _ = jobs().create("export", ids.new_id())
    segments = [{"job": job["id"], "segment": segment, "segments": SEGMENTS} for segment in range(SEGMENTS)]
    start("export", job["id"], {"job": job["id"], "segments": segments})
    return job


def export_segment(event: dict[str, Any]) -> dict[str, Any]:
    """Write the people of one segment of `{job, segment, segments}` as JSON lines: `{job, segment, rows}`."""
    job_id, segment, rows = event["job"], int(event["segment"]), 0
    if segment == 0:
        jobs().change(job_id, status="running", started_at=clock.timestamp())

    def written() -> Iterator[bytes]:
        nonlocal rows
        for person in _people(segment, int(event["segments"])):
            rows += 1
            yield _line(person)

    files.write(segment_key(job_id, segment), written())
    jobs().put_part(job_id, f"segment#{segment:03}", rows=rows)
    logs.info("segment exported", job=job_id, segment=segment, rows=rows)
    return {"job": job_id, "segment": segment, "rows": rows}


def finish_export(event: dict[str, Any]) -> dict[str, Any]:
    """Join the segments of `{job, segments}` and end the job, or fail it where a step's `error` is given.

    Returns `{job, status}`; a job that has ended stays as it is.
    """
    job = jobs().get(event["job"], "export")
    if job["status"] in ENDED:
        return {"job": job["id"], "status": job["status"]}
    parts, segments = list(jobs().parts(job["id"], "segment#")), len(event["segments"])
    if "error" in event or len(parts) < segments:
        error = event.get("error", {}).get("Error", "a segment is missing")
        ending: dict[str, Any] = {"status": "failed", "reason": f"a step failed for good ({error})"}
    else:
        blocks = (files.blocks(segment_key(job["id"], segment)) for segment in range(segments))
        size = files.write(export_key(job["id"]), chain.from_iterable(blocks))
        rows = sum(part["rows"] for part in parts)
        ending = {"status": "finished", "counts": {"rows": rows}, "file": export_key(job["id"]), "bytes": size}
    job = jobs().settle(job["id"], **ending)
    logs.info("export ended", job=job["id"], status=job["status"])
    return {"job": job["id"], "status": job["status"]}


def _people(segment: int, segments: int) -> Iterator[Item]:
    users, start = clients.table("users"), None
    while True:
        page = users.scan_segment(segment, segments, start=start)
        yield from (person for person in page.items if records.is_live(person))
        if page.next is None:
            return
        start = page.next


def _line(person: Item) -> bytes:
    row = {name: person[name] for name in PERSON if person.get(name) not in (None, NOT_GIVEN.get(name))}
    return f"{json.dumps(row, ensure_ascii=False, separators=(',', ':'))}\n".encode()
