"""Runs the job pages of a rebuild, one by one: claim the page, take steps for half a minute, queue the next page, write
the progress.

After a crash the page's message comes again when the claim has expired, and what was not written as progress is done
once more, which changes nothing. The next page is queued before the progress is written, so a crash between the two
does not end the job.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock, logs
from chalicelib.core.errors import Malformed, NotFound, Postponed, Refused, Unavailable
from chalicelib.jobs import ENDED, jobs
from chalicelib.read_model.database import Refusal, database
from chalicelib.read_model.rebuild import comparing, deriving, tables
from chalicelib.read_model.rebuild.filling import Filling
from chalicelib.read_model.rebuild.lifecycle import queue
from chalicelib.read_model.rebuild.model import (
    CLAIM_SECONDS,
    FILLING,
    LONG,
    LONG_AFTER_SECONDS,
    PAGE_SECONDS,
    PAUSE_SECONDS,
    step_after,
)
from chalicelib.read_model.rebuild.sources import source_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalicelib.jobs.rows import Job
    from chalicelib.read_model.database import Database

AWAY_SECONDS = 30
"""After which a page comes again where the database does not answer, or others hold what it needs."""

WAIT_SECONDS = 5
"""Between two looks at a feed that is behind."""


def run_page(
    job_id: str,
    page_fields: Mapping[str, Any],
    seconds: float = PAGE_SECONDS,
    connected: Callable[[], Database] = database,
) -> None:
    """Take the next steps of a job that makes the read model anew, for so many seconds, and queue its next page or end
    it. A page takes one step at least.

    What can never succeed fails the job, and drops what it has made; the tables that are asked stay as they are. Raises
    Unavailable and Postponed where the page must come again, Malformed for a page without its number.
    """
    turn = page_fields.get("turn")
    if not isinstance(turn, int):
        raise Malformed("not a page of a rebuild")
    try:
        job = jobs().get(job_id, "rebuild")
    except NotFound:
        logs.info("page without a job", job=job_id)
        return
    if job["status"] in ENDED:
        _clear(job_id, connected())
        return
    if turn < job["turn"]:
        return
    if job.get("claimed_until", 0) > clock.epoch():
        raise Unavailable("a page of this rebuild is being run")
    began = {} if "started_at" in job else {"started_at": clock.timestamp()}
    job = jobs().change_as_read(job, status="running", claimed_until=clock.epoch() + CLAIM_SECONDS, **began)
    try:
        changes = _Run(job, seconds, connected()).steps()
    except (Refused, Refusal) as refused:
        why = refused.detail if isinstance(refused, Refused) else str(refused)
        _end(job_id, connected(), status="failed", reason=why)
        return
    except Unavailable as away:
        jobs().settle(job_id, claimed_until=0)
        raise Postponed(AWAY_SECONDS, away.detail) from away
    if changes["reached"] is None:
        del changes["reached"]
        _end(job_id, connected(), status="finished", claimed_until=0, **changes)
        return
    queue(job_id, turn + 1, WAIT_SECONDS if "waits" in (changes["reached"]["cursor"] or {}) else PAUSE_SECONDS)
    job = jobs().settle(job_id, turn=turn + 1, claimed_until=0, **changes)
    if job["status"] in ENDED:
        _clear(job_id, connected())


class _Run:
    """The steps of one page, and what they change of the job."""

    def __init__(self, job: Job, seconds: float, read_model: Database) -> None:
        self._job: dict[str, Any] = {**job}
        self._seconds = seconds
        self._database = read_model
        self._started = clock.running()
        self._changes: dict[str, Any] = {}

    def steps(self) -> dict[str, Any]:
        """Take steps until the time is over. Returns the changes of the job; its `reached` is None at the end."""
        reached: dict[str, Any] | None = self._job["reached"]
        is_first = True
        while reached is not None and (is_first or self._has_time(reached)):
            reached = self._step(reached["step"], reached["cursor"])
            is_first = False
        self._set(reached=reached)
        return self._changes

    def _has_time(self, reached: Mapping[str, Any]) -> bool:
        seconds = min(self._seconds, LONG_AFTER_SECONDS) if reached["step"] in LONG else self._seconds
        return clock.running() < self._started + seconds and "waits" not in (reached["cursor"] or {})

    def _step(self, step: str, cursor: Any) -> dict[str, Any] | None:
        after = self._fill(step, cursor) if step in FILLING else _STEPS[step](self, cursor)
        logs.info("step of a rebuild", job=self._job["id"], step=step, ended=after is None)
        if after is not None:
            return {"step": step, "cursor": after}
        next_step = step_after(step, self._job)
        return None if next_step is None else {"step": next_step, "cursor": None}

    def _set(self, **changes: Any) -> None:
        self._changes |= changes
        self._job |= changes

    def _prepare(self, _cursor: Any) -> None:
        expected = tables.prepare(self._database, self._job["id"])
        self._set(expected=expected, written_since=clock.timestamp())

    def _fill(self, step: str, cursor: Any) -> Any:
        source, beginning = source_of(step, self._job)
        filling = Filling(self._database, self._job["id"], step, source)
        filled = filling.run(cursor or beginning, self._started + self._seconds)
        self._set(counts=dict(Counter(self._job.get("counts", {})) + filled.counts))
        return filled.cursor

    def _index(self, _cursor: Any, *, of_people: bool = False) -> Any:
        return {} if tables.create_index(self._database, self._job["id"], of_people=of_people) else None

    def _index_people(self, cursor: Any) -> Any:
        return self._index(cursor, of_people=True)

    def _analyze(self, _cursor: Any) -> None:
        tables.analyze(self._database, self._job["id"])

    def _derive(self, cursor: Any) -> Any:
        return deriving.derive_next(self._database, self._job["id"], cursor)

    def _compare(self, cursor: Any) -> Any:
        changes, after = comparing.compare_next(self._database, self._job, cursor)
        self._set(**changes)
        return after

    def _count_views(self, _cursor: Any) -> None:
        tables.count_views(self._database, self._job["id"])

    def _swap(self, _cursor: Any) -> None:
        tables.swap(self._database, self._job["id"])

    def _remove(self, _cursor: Any) -> None:
        tables.clear(self._database, self._job["id"])


_STEPS: dict[str, Callable[[_Run, Any], Any]] = {
    "prepare": _Run._prepare,
    "indexes": _Run._index,
    "statistics": _Run._analyze,
    "derived": _Run._derive,
    "people_indexes": _Run._index_people,
    "comparison": _Run._compare,
    "views": _Run._count_views,
    "swap": _Run._swap,
    "removal": _Run._remove,
}


def _end(job_id: str, read_model: Database, **changes: Any) -> None:
    job = jobs().settle(job_id, **changes)
    logs.info("rebuild ended", job=job_id, status=job["status"], reason=job.get("reason"))
    _clear(job_id, read_model)


def _clear(job_id: str, read_model: Database) -> None:
    """Drop what is left of a job that has ended. Raises Postponed where that cannot be done now."""
    try:
        tables.clear(read_model, job_id)
    except Unavailable as away:
        raise Postponed(AWAY_SECONDS, away.detail) from away
