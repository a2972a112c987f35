"""The steps of a job that makes the read model anew, and how far it is. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from chalicelib.core import clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.jobs.rows import Job

Purpose = Literal["rebuild", "verify"]

FILLING = ("people", "items", "memberships", "events", "sessions")
"""The steps that read DynamoDB and write rows, by what they read. People come first: whoever was removed has a
tombstone then, before anything else about them could be written. Sessions come last: a step-up has changed what some
of them say of how they began, and the events know it still."""

STEPS = (
    "prepare",
    *FILLING,
    "indexes",
    "statistics",
    "derived",
    "people_indexes",
    "comparison",
    "views",
    "swap",
    "removal",
)

PAGE_SECONDS = 30
"""After which a job page takes up nothing new. The function has 300."""

LONG_AFTER_SECONDS = 5
"""After which a page begins no step that may take long by itself."""

LONG = frozenset({"prepare", "indexes", "people_indexes", "statistics", "comparison", "views", "swap", "removal"})

CLAIM_SECONDS = 330
"""After so long the claim of a page is that of a run that crashed: the function has 300 seconds."""

PAUSE_SECONDS = 1
"""Between a page and the next, within which the former writes its progress."""


def step_after(step: str, job: Mapping[str, Any]) -> str | None:
    """The step that follows in this job; None after the last one. Only a job that verifies compares, and it swaps the
    tables only where it is to mend and something differs."""
    options = job["options"]
    verifies = options["purpose"] == "verify"
    mends = options["mend"] and any(
        number
        for kinds in job.get("differences", {}).values()
        for kind, number in kinds.items()
        if kind != "waiting"
    )
    skipped = set() if verifies else {"comparison"}
    skipped |= {"views", "swap"} if verifies and not mends else set()
    return next((each for each in STEPS[STEPS.index(step) + 1 :] if each not in skipped), None)


def progress(job: Job) -> dict[str, Any]:
    """How far a job is: its `step`, rows `written` and `expected` by table, rows a `second` since it began, and the
    seconds that are `left` for writing at that rate, or None where that cannot be said."""
    written, expected = job.get("counts", {}), job.get("expected", {})
    step = job["reached"]["step"]
    is_filling = step in FILLING and job["status"] == "running" and "started_at" in job
    passed = (clock.now() - clock.parse(job["started_at"])).total_seconds() if is_filling else 0
    rate = sum(written.get(table, 0) for table in FILLING) / passed if passed > 0 else 0
    missing = sum(max(0, expected.get(table, 0) - written.get(table, 0)) for table in FILLING)
    return {
        "step": step,
        "written": {table: written.get(table, 0) for table in FILLING},
        "unreadable": written.get("unreadable", 0),
        "expected": expected,
        "rate": round(rate),
        "seconds_left": round(missing / rate) if rate and expected else None,
    }
