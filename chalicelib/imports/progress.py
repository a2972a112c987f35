"""How far a job is: summed from the parts that its steps record, so that watching it costs them nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib.core import clock, texts
from chalicelib.imports.model import Counts
from chalicelib.imports.notes import Notes, shown
from chalicelib.jobs import ENDED, jobs

if TYPE_CHECKING:
    from chalicelib.jobs.rows import Job

SOURCE_LIMIT = 1024
"""Characters: of the key of an object, which whoever drops a file chooses, and which may have as many bytes."""


class Counted(NamedTuple):
    """What the recorded chunks of an import add up to."""

    counts: Counts
    notes: Notes


def counted(job: Job) -> Counted:
    """What the recorded chunks of an import's first run add up to, with the notes of its file."""
    counts, notes = Counts(), Notes()
    notes.add_stored(job.get("file_notes", {}))
    for part in jobs().parts(job["id"], "chunk#"):
        counts.add(part["counts"])
        notes.add_stored(part.get("notes", {}))
    return Counted(counts, notes)


def of_import(job: Job) -> dict[str, Any]:
    """An import as an administrator watches it. `rate` is in rows a second, `seconds_left` None where unknown."""
    ended = job["status"] in ENDED
    counts, notes = _counts(job, ended=ended)
    seconds = _seconds(job.get("started_at"), job["updated_at"] if ended else clock.timestamp())
    rate = round(counts["rows"] / seconds, 1) if seconds else None
    total = job.get("rows")
    seconds_left = None if ended or not rate or total is None else round((total - counts["rows"]) / rate)
    return {
        **{name: job.get(name) for name in _SHOWN},
        "source": texts.shown(job.get("source", ""), SOURCE_LIMIT),
        "total": total,
        "counts": counts,
        "notes": shown(notes),
        "rate": rate,
        "seconds_left": seconds_left,
        "ended_at": job["updated_at"] if ended else None,
        "has_errors": bool(job.get("report")) and counts["failed"] > 0,
    }


def _counts(job: Job, *, ended: bool) -> tuple[dict[str, int], dict[str, int]]:
    """The counts and notes of the recorded chunks while the first run goes on; later runs add theirs when they end."""
    if ended or "run" in job or job["status"] != "running":
        return job.get("counts") or Counts().stored(), job.get("notes", {})
    counts, notes = counted(job)
    return counts.stored(), notes.stored()


_SHOWN = (
    "id",
    "content",
    "status",
    "reason",
    "refused",
    "options",
    "format",
    "bytes",
    "read",
    "created_at",
    "started_at",
)


def _seconds(start: str | None, end: str) -> float:
    return (clock.parse(end) - clock.parse(start)).total_seconds() if start else 0.0
