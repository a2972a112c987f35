"""Removing the files of exports: segments once they are joined, and files with credentials once their links are over.

Apart from `export`, so that who clears loads nothing of what reads people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.core import clock, logs
from chalicelib.core.aws import objects
from chalicelib.core.errors import Unavailable
from chalicelib.exports.model import SEGMENTS, export_key, segment_key
from chalicelib.jobs import jobs

if TYPE_CHECKING:
    from chalicelib.jobs.rows import Job


def clear_export(job: Job, segments: int = SEGMENTS) -> None:
    """Remove the segments of an export that has ended, and what they were joined to where the job does not tell of
    it."""
    keys = [segment_key(job["id"], segment) for segment in range(segments)]
    objects.delete(keys if "file" in job else [*keys, export_key(job["id"], job["format"])])


def remove_served_exports() -> None:
    """Remove the files of exports with credentials whose links are over."""
    for job in jobs().newest("export"):
        over = int(job.get("file_until", 0)) <= clock.epoch()
        if "file" not in job or not job.get("credentials") or job.get("file_removed") or not over:
            continue
        objects.delete([job["file"]])
        try:
            jobs().change_as_read(job, file_removed=True)
        except Unavailable:
            continue
        logs.info("export removed", job=job["id"])
