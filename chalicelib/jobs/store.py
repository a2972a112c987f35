"""The `jobs` table: jobs, and the parts that they are cut into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast

from chalicelib.core import clock, context, wire
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.changes import Changes
from chalicelib.core.aws.dynamo import (
    Action,
    ConditionFailed,
    Item,
    ResultPage,
    Table,
    absent,
    unchanged,
)
from chalicelib.core.aws.dynamo.conditions import Attr, Key
from chalicelib.core.aws.optimistic import optimistic
from chalicelib.core.errors import Conflict, NotFound, Unavailable
from chalicelib.core.retention import WORK_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.jobs.rows import Job, JobPart, Kind

Daily = Literal["birthdays", "hashes"]
"""Work that runs every day and is no job: nobody can watch it. Its pages have the day instead of a job's id."""

LISTED_PAGES = 20
LISTED_AT_ONCE = 100
"""Jobs of a result page, where many are gone through."""

ENDED = frozenset({"finished", "failed", "cancelled"})
KEPT_DAYS = WORK_DAYS
"""How long a job is kept: as long as the work bucket keeps its files."""


class Jobs:
    """Jobs and their parts. Every change of a job raises its version and so becomes an event."""

    def __init__(self, table: Table[Any]) -> None:
        self._jobs: Table[Job] = table
        self._parts: Table[JobPart] = table

    def create(self, kind: Kind, job_id: str, **fields: Any) -> tuple[Job, bool]:
        """Create a job, or read the one that has this id already. Returns the job, and whether it is new."""
        job = _new(kind, job_id, fields)
        try:
            self._jobs.put(job, absent())
        except ConditionFailed as conflict:
            return cast("Job", conflict.item or job), False
        return job, True

    def new(self, kind: Kind, job_id: str, **fields: Any) -> Job:
        """The row of a job that is not stored yet."""
        return _new(kind, job_id, fields)

    def creating(self, job: Job) -> Action:
        """The action of a transaction that stores a new job, for work that must not begin without it."""
        return self._jobs.putting(job, absent())

    def taking_turn(self, job: Job) -> Action:
        """The action of a transaction that takes the turn of a new job's kind, of which one alone runs at a time. It is
        refused where another takes it meanwhile. Raises Conflict where the latest one has not ended."""
        key = {"id": job["kind"], "part": "turn"}
        latest = self._parts.get(key)
        if latest is not None and self._runs(latest["job"]):
            raise Conflict(f"the job {latest['job']} has not ended")
        condition = absent() if latest is None else Attr("job").eq(latest["job"])
        row = {**key, "schema": records.SCHEMA, "job": job["id"], "expires_at": job["expires_at"]}
        return self._parts.putting(cast("JobPart", row), condition)

    def latest(self, kind: Kind) -> Job | None:
        """The job that took the turn of its kind last, ended or not. None where none did that is still kept."""
        turn = self._parts.get({"id": kind, "part": "turn"})
        return None if turn is None else self._jobs.get({"id": turn["job"], "part": "job"})

    def _runs(self, job_id: str) -> bool:
        job = self._jobs.get({"id": job_id, "part": "job"})
        return job is not None and job["status"] not in ENDED

    def get(self, job_id: str, kind: Kind | None = None) -> Job:
        """The job. Raises NotFound where there is none, or none of that kind."""
        job = self._jobs.get({"id": job_id, "part": "job"})
        if job is None or not records.is_live(job) or (kind and job["kind"] != kind):
            raise NotFound(f"there is no {kind or 'job'} {job_id}")
        return job

    def change(self, job_id: str, **changes: Any) -> Job:
        """Set fields of a job that has not ended, and return the job. Raises Conflict where it has ended, Unavailable
        where others keep changing it."""

        def attempt(_: object) -> Job:
            job = self.get(job_id)
            if job["status"] in ENDED:
                raise Conflict(f"the job has {job['status']} already")
            return self._write(job, changes)

        return optimistic(attempt, exhausted=Unavailable("the job is being changed by others"))

    def change_as_read(self, job: Job, **changes: Any) -> Job:
        """Set fields of a job, and return it. Raises Unavailable where it has changed since it was read."""
        try:
            return self._write(job, changes)
        except ConditionFailed as conflict:
            raise Unavailable("the job was changed by others") from conflict

    def settle(self, job_id: str, **changes: Any) -> Job:
        """Set fields of a job unless it has ended, and return it as it is then: for a last step that may run more than
        once, of which the first counts. Raises Unavailable where others keep changing it."""
        try:
            return self.change(job_id, **changes)
        except Conflict:
            return self.get(job_id)

    def _write(self, job: Job, changes: dict[str, Any]) -> Job:
        return self._jobs.update(
            {"id": job["id"], "part": "job"},
            set={**changes, **_stamp(job), "version": job["version"] + 1},
            condition=unchanged(job),
        )

    def reopen(self, job_id: str, run: str) -> Job:
        """Have an ended job run again, as `run`, and return it. A job that is in this run already stays as it is.
        Raises Unavailable where another run of it is not over, or others keep changing it."""

        def attempt(_: object) -> Job:
            job = self.get(job_id)
            if job.get("run") == run:
                return job
            if job["status"] not in ENDED:
                raise Unavailable("another run of the job goes on")
            changes = {"status": "running", "run": run, **_stamp(job), "version": job["version"] + 1}
            return self._jobs.update(
                {"id": job_id, "part": "job"},
                set=changes,
                remove=("reason", "refused"),
                condition=unchanged(job),
            )

        return optimistic(attempt, exhausted=Unavailable("the job is being changed by others"))

    def listing(self, kind: Kind, *, limit: int, start: dict[str, Any] | None = None) -> ResultPage[Job]:
        """Jobs of a kind, newest first."""
        return self._jobs.query(
            Key("kind").eq(kind), index="kind-index", limit=limit, start=start, newest_first=True
        )

    def newest(self, kind: Kind) -> Iterator[Job]:
        """The newest 2,000 jobs of a kind: later days look at the others before their 30 days are over."""
        start = None
        for _ in range(LISTED_PAGES):
            result_page = self.listing(kind, limit=LISTED_AT_ONCE, start=start)
            yield from result_page.items
            if result_page.next is None:
                return
            start = result_page.next

    def put_part(self, job_id: str, part: str, **fields: Any) -> bool:
        """Record a part's outcome, once. Returns False where it is recorded already."""
        row: dict[str, Any] = {
            "schema": records.SCHEMA,
            "id": job_id,
            "part": part,
            "expires_at": clock.epoch() + KEPT_DAYS * 86400,
            **fields,
        }
        try:
            self._parts.put(cast("JobPart", row), absent())
        except ConditionFailed:
            return False
        return True

    def part(self, job_id: str, part: str) -> JobPart | None:
        """What is recorded of a part, or None."""
        return self._parts.get({"id": job_id, "part": part})

    def parts(self, job_id: str, prefix: str) -> Iterator[JobPart]:
        """The recorded parts whose name begins so, read consistently, in order."""
        return self._parts.query_all(Key("id").eq(job_id) & Key("part").begins_with(prefix), consistent=True)


def _new(kind: Kind, job_id: str, fields: dict[str, Any]) -> Job:
    days = records.tombstone_days() if kind == "erasure" else KEPT_DAYS
    expires_at = clock.epoch() + days * 86400
    return cast(
        "Job", records.new(id=job_id, part="job", kind=kind, status="waiting", expires_at=expires_at, **fields)
    )


def _stamp(job: Job) -> Item:
    """The stamps of a change. A step without a caller of its own is made in the name of who began the job."""
    stamps = records.change_stamp(key=job["id"])
    if context.current() == context.Context():
        stamps |= {name: job[name] for name in ("request_id", "changed_by", "traceparent")}
    return stamps


def queue_page(job_id: str, kind: Kind | Daily, job_page: dict[str, Any], delay_seconds: int = 0) -> None:
    """Queue one page of a job, or of a day's work, for the handler `on_job`. It runs once or more often, so a page must
    be repeatable."""
    clients.send("jobs", wire.to_json({"job": job_id, "kind": kind, "page": job_page}), delay_seconds)


def changes() -> Changes:
    """The changes of jobs and their parts, by their hour."""
    return Changes(clients.table("jobs"), ("id", "part"))


@clients.once
def jobs() -> Jobs:
    """The stage's jobs."""
    return Jobs(clients.table("jobs"))
