"""The receipt of an erasure, for the person who is removed: what is erased at once, what is erased within the hour, and
when the rest expires."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal, cast

from pydantic import BaseModel, Field

from chalicelib.core import clock, retention
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    from chalicelib.jobs.rows import Job

AT_ONCE = ("account", "email address", "password", "sign-in attempts", "access of every session")
WITHIN_THE_HOUR = (
    "second factors",
    "identities at identity providers",
    "pending requests",
    "sessions",
    "items",
    "mail records",
    "answers to webhook deliveries",
    "contents of the history",
)
"""In the order in which the job erases them. Ids, types and times of events stay: they are not personal data."""

IN_READ_MODEL = "rows in the read model"
"""Where the stage has one."""


class Expiries(BaseModel):
    """By when copies are gone that expire by themselves."""

    idempotency_records: str = Field(
        description="Answers kept for repeated requests, sealed under their callers' keys"
    )
    uploads: str = Field(description="Files that were imported, and their copies")
    reports: str = Field(description="Chunks and reports of imports, exports, links to one's own data")
    dead_letters: str = Field(description="Messages that could not be handled")
    backups: str = Field(description="A restore from one erases again who was erased since")


class Receipt(BaseModel):
    """The receipt of a deletion. Nothing in it is personal, so it can be kept."""

    id: str
    person: str = Field(description="The id of who was deleted")
    requested_at: str
    erased_by: str = Field(description="By when every row about the person is removed or redacted")
    gone_at_once: list[str]
    erased_within_the_hour: list[str]
    expires_by: Expiries
    detail: str


Progress = Literal["waiting", "running", "finished", "failed", "cancelled"]


class Erasure(Receipt):
    """A receipt, with how far the erasure is."""

    status: Progress
    counts: dict[str, int] = Field(description="Rows that were removed or redacted, by table")
    finished_at: str | None


def receipt(job: Job) -> Receipt:
    """The receipt of an erasure, from its job."""
    requested = clock.parse(job["created_at"])

    def after(**time: float) -> str:
        return clock.timestamp(requested + timedelta(**time))

    erased_by = after(seconds=retention.ERASED_WITHIN_SECONDS)
    return Receipt(
        id=job["id"],
        person=job["subject"],
        requested_at=job["created_at"],
        erased_by=erased_by,
        gone_at_once=list(AT_ONCE),
        erased_within_the_hour=[*WITHIN_THE_HOUR, *([] if settings().read_model == "off" else [IN_READ_MODEL])],
        expires_by=Expiries(
            idempotency_records=after(seconds=retention.IDEMPOTENCY_SECONDS),
            uploads=after(days=retention.UPLOADS_DAYS),
            reports=after(days=retention.WORK_DAYS),
            dead_letters=after(days=retention.DEAD_LETTER_DAYS),
            backups=after(days=retention.BACKUP_DAYS),
        ),
        detail=f"The account is closed. Everything about it is erased by {erased_by}, but for copies that expire.",
    )


def erasure(job: Job) -> Erasure:
    """The receipt of an erasure and how far it is, from its job."""
    return Erasure(
        **receipt(job).model_dump(),
        status=cast("Progress", job["status"]),
        counts=job.get("counts", {}),
        finished_at=job["updated_at"] if job["status"] == "finished" else None,
    )
