"""The rows of the table `jobs`."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from chalicelib.core.aws.records import Stamped

Kind = Literal["import", "export", "replay", "erasure", "rebuild", "changes"]
Status = Literal["waiting", "running", "paused", "finished", "failed", "cancelled"]


class Job(Stamped):
    """A job: the row whose part is `job`. Members that only some kinds have stand together, by kind. Times are
    timestamps, or epoch seconds where they are numbers."""

    id: str
    part: Literal["job"]
    kind: Kind
    status: Status
    expires_at: int
    reason: NotRequired[str | None]
    """Why it failed or was paused."""
    started_at: NotRequired[str]
    counts: NotRequired[dict[str, int]]
    """Rows by outcome; of an erasure by what was erased; events `published` of a replay."""
    options: NotRequired[dict[str, Any]]
    """What was asked for, of an import (`imports.model.Options`), a replay or a change of many."""

    content: NotRequired[Literal["users", "items"]]
    """Of an import, as all that follows up to `retry_rows`."""
    source: NotRequired[str]
    form: NotRequired[dict[str, Any]]
    """The form that its file is uploaded with (`imports.upload_forms`)."""
    format: NotRequired[str]
    """The format of an import's file, as its request named it, or of an export's file."""
    system: NotRequired[str]
    bytes: NotRequired[int]
    read: NotRequired[int]
    rows: NotRequired[int]
    chunks: NotRequired[int]
    refused: NotRequired[str | None]
    report: NotRequired[Report]
    file_notes: NotRequired[dict[str, int]]
    """What was left out of the file beside its rows (`imports.notes`)."""
    notes: NotRequired[dict[str, int]]
    """What was left out in all, by rows."""
    run: NotRequired[str]
    """The latest retry, where there was one."""
    retry_chunks: NotRequired[int]
    retry_rows: NotRequired[int]

    credentials: NotRequired[bool]
    """Of an export, as all that follows up to `file_removed`."""
    filters: NotRequired[dict[str, Any]]
    hashes: NotRequired[str]
    """The kind of hashes that people must have (`exports.model.HASHES`), where one was asked for."""
    left_out: NotRequired[dict[str, int]]
    """What the file's format cannot hold, with the people that each is of."""
    file: NotRequired[str]
    file_until: NotRequired[int]
    file_removed: NotRequired[bool]

    position: NotRequired[str]
    """Of a replay: the timestamp up to which events were sent."""
    claimed_until: NotRequired[int]
    asked_at: NotRequired[str]

    reached: NotRequired[dict[str, Any]]
    """Of a rebuild, as all that follows up to `days`: its `step`, and how far that is (`cursor`)."""
    turn: NotRequired[int]
    """The number of its next job page."""
    expected: NotRequired[dict[str, int]]
    """Rows by table, roughly."""
    written_since: NotRequired[str]
    """Since when the consumer writes to the tables that it fills."""
    waits_since: NotRequired[str]
    """The timestamp since which changes may wait on their queue, when the tables were compared."""
    differences: NotRequired[dict[str, dict[str, int]]]
    """Rows that differ, by table and kind."""
    listed: NotRequired[list[dict[str, Any]]]
    """The keys of some of them."""
    days: NotRequired[list[dict[str, Any]]]
    """Days on which a table differs, with the rows of both sides."""

    subject: NotRequired[str]
    """Of an erasure: the id of the person."""


class Report(TypedDict):
    """Where the report of an import is, in the work bucket."""

    ndjson: str
    csv: str
    bytes: int


class JobPart(TypedDict):
    """What is recorded of a part of a job, once."""

    schema: int
    id: str
    part: str
    expires_at: int
    rows: NotRequired[int]
    """Of a segment of an export, as the next."""
    left_out: NotRequired[dict[str, int]]
    people: NotRequired[list[dict[str, Any]]]
    """Whom a page of a change of many is about: ids and versions."""
    counts: NotRequired[dict[str, int]]
    """Of a chunk of an import, as the next five, or of a page of a change of many."""
    notes: NotRequired[dict[str, int]]
    told: NotRequired[bytes]
    told_at: NotRequired[str]
    refused: NotRequired[list[Any]]
    became: NotRequired[dict[str, Any]]
    digest: NotRequired[str]
    """Of the upload that came first."""
    asked_by: NotRequired[dict[str, Any]]
    """Of a retry, as `form`."""
    form: NotRequired[dict[str, Any]]
    job: NotRequired[str]
    """Of the turn of a kind of jobs, of which one alone runs at a time: the id of the latest one."""
