"""The `jobs` table: jobs, and the parts that they are cut into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from boto3.dynamodb.conditions import Key

from chalicelib.core import clock, context, wire
from chalicelib.core.aws import clients, records
from chalicelib.core.aws.dynamo import (
    Action,
    ConditionFailed,
    Item,
    Page,
    Table,
    absent,
    unchanged,
)
from chalicelib.core.errors import Conflict, NotFound, Unavailable
from chalicelib.core.retention import WORK_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["import", "export", "replay", "erasure"]
Daily = Literal["birthdays"]
"""Work of a day, which nobody watches and which is no job: its pages name the day in the place of one."""
Status = Literal["waiting", "running", "paused", "finished", "failed", "cancelled"]

ENDED = frozenset({"finished", "failed", "cancelled"})
KEPT_DAYS = WORK_DAYS
"""As long as the work bucket keeps a job's files."""

CHANGE_ATTEMPTS = 5


class Jobs:
    """Jobs and their parts. Every change of a job raises its version and so becomes an event."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def create(self, kind: Kind, job_id: str, **fields: Any) -> tuple[Item, bool]:
        """Make a job, or find the one that has this id: (the job, whether it is new)."""
        job = _new(kind, job_id, fields)
        try:
            self._table.put(job, absent())
        except ConditionFailed as met:
            return met.item or job, False
        return job, True

    def new(self, kind: Kind, job_id: str, **fields: Any) -> Item:
        """The item of a job that is in no table yet."""
        return _new(kind, job_id, fields)

    def creating(self, job: Item) -> Action:
        """The action of a transaction that makes a new job, for work that must not be begun without it."""
        return self._table.putting(job, absent())

    def get(self, job_id: str, kind: Kind | None = None) -> Item:
        """The job. Raises NotFound where there is none, or none of that kind."""
        job = self._table.get({"id": job_id, "part": "job"})
        if job is None or not records.is_live(job) or (kind and job["kind"] != kind):
            raise NotFound(f"there is no {kind or 'job'} {job_id}")
        return job

    def change(self, job_id: str, **changes: Any) -> Item:
        """Set fields of a job that has not ended, and return it. Raises Conflict where it has, Unavailable where
        others keep changing it."""
        for _ in range(CHANGE_ATTEMPTS):
            job = self.get(job_id)
            if job["status"] in ENDED:
                raise Conflict(f"the job has {job['status']} already")
            try:
                return self._write(job, changes)
            except ConditionFailed:
                continue
        raise Unavailable("the job is being changed by others")

    def change_as_read(self, job: Item, **changes: Any) -> Item:
        """Set fields of a job, and return it. Raises Unavailable where it has changed since it was read."""
        try:
            return self._write(job, changes)
        except ConditionFailed as met:
            raise Unavailable("the job was changed by others") from met

    def settle(self, job_id: str, **changes: Any) -> Item:
        """Set fields of a job, whichever of several runs of the same step comes first, and return it: where it has
        ended, as it ended. Raises Unavailable where others keep changing it."""
        try:
            return self.change(job_id, **changes)
        except Conflict:
            return self.get(job_id)

    def _write(self, job: Item, changes: dict[str, Any]) -> Item:
        return self._table.update(
            {"id": job["id"], "part": "job"},
            set={**changes, **_stamp(job), "version": job["version"] + 1},
            condition=unchanged(job),
        )

    def reopen(self, job_id: str, run: str) -> Item:
        """Have an ended job run again, and return it; a job that is running this run already stays as it is. Raises
        Unavailable where another run of it goes on, or others keep changing it."""
        for _ in range(CHANGE_ATTEMPTS):
            job = self.get(job_id)
            if job.get("run") == run:
                return job
            if job["status"] not in ENDED:
                raise Unavailable("another run of the job goes on")
            changes = {"status": "running", "run": run, **_stamp(job), "version": job["version"] + 1}
            try:
                return self._table.update(
                    {"id": job_id, "part": "job"},
                    set=changes,
                    remove=("reason", "refused"),
                    condition=unchanged(job),
                )
            except ConditionFailed:
                continue
        raise Unavailable("the job is being changed by others")

    def listing(self, kind: Kind, *, limit: int, start: Item | None = None) -> Page:
        """Jobs of a kind, newest first."""
        return self._table.query(
            Key("kind").eq(kind), index="kind-index", limit=limit, start=start, newest_first=True
        )

    def put_part(self, job_id: str, part: str, **fields: Any) -> bool:
        """Record a part's outcome once: False where it is recorded already."""
        item = {
            "schema": records.SCHEMA,
            "id": job_id,
            "part": part,
            "expires_at": clock.epoch() + KEPT_DAYS * 86400,
            **fields,
        }
        try:
            self._table.put(item, absent())
        except ConditionFailed:
            return False
        return True

    def part(self, job_id: str, part: str) -> Item | None:
        """What is recorded of a part, or None."""
        return self._table.get({"id": job_id, "part": part})

    def parts(self, job_id: str, prefix: str) -> Iterator[Item]:
        """The recorded parts whose name begins so, read consistently, in order."""
        return self._table.query_all(Key("id").eq(job_id) & Key("part").begins_with(prefix), consistent=True)


def _new(kind: Kind, job_id: str, fields: dict[str, Any]) -> Item:
    days = records.tombstone_days() if kind == "erasure" else KEPT_DAYS
    expires_at = clock.epoch() + days * 86400
    return records.new(id=job_id, part="job", kind=kind, status="waiting", expires_at=expires_at, **fields)


def _stamp(job: Item) -> Item:
    """The stamps of a change. A step that nobody asked for directly is made in the name of who began the job."""
    stamps = records.change_stamp(key=job["id"])
    if context.current() == context.Context():
        stamps |= {name: job[name] for name in ("request_id", "changed_by", "traceparent")}
    return stamps


def queue_page(job_id: str, kind: Kind | Daily, page: dict[str, Any], delay_seconds: int = 0) -> None:
    """Have `on_job` run one page of a job, or of a day's work: at least once, so a page must be repeatable."""
    clients.send("jobs", wire.to_json({"job": job_id, "kind": kind, "page": page}), delay_seconds)


@clients.once
def jobs() -> Jobs:
    """The stage's jobs."""
    return Jobs(clients.table("jobs"))
