"""A file arrived in the uploads bucket: copy it, and start the import that it asks for.

S3 tells of an object at least once, in any order; both effects come out the same however often they are told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from chalicelib.bulk import copies
from chalicelib.bulk.machines import start
from chalicelib.bulk.model import Content, content_of, dropped_job_id, job_of_upload, retry_part
from chalicelib.core import batch, clock, context, logs
from chalicelib.core.errors import Gone, Malformed, NotFound
from chalicelib.core.settings import settings
from chalicelib.jobs import jobs

if TYPE_CHECKING:
    from chalicelib.core.dynamo import Item


@dataclass(frozen=True)
class Upload:
    """One version of one object, as S3's event names it."""

    bucket: str
    key: str
    version: str
    sequencer: str
    size: int
    at: str


def receive_uploads(event: dict[str, Any]) -> None:
    """Copy every object of an S3 event, and start the imports among them. Raises Transient to be told again."""
    bucket = settings().bucket("uploads")
    batch.from_source("aws:s3", f"{bucket}/", event, _receive, describe=_described)


def _receive(record: dict[str, Any]) -> None:
    """Copy and import one object. What cannot be copied is imported all the same, so that its job says why it failed,
    and parked after that."""
    upload = _upload(record)
    gone = None
    try:
        copies.copy(upload.key, upload.version, upload.sequencer, upload.size)
    except Gone as uncopied:
        gone = uncopied
    content = content_of(upload.key)
    if content is not None:
        _import(upload, content)
    if gone:
        raise gone


def _upload(record: dict[str, Any]) -> Upload:
    try:
        return Upload(
            bucket=record["s3"]["bucket"]["name"],
            key=unquote_plus(record["s3"]["object"]["key"]),
            version=record["s3"]["object"].get("versionId", "null"),
            sequencer=record["s3"]["object"]["sequencer"],
            size=int(record["s3"]["object"]["size"]),
            at=record["eventTime"],
        )
    except KeyError as error:
        raise Malformed(f"an S3 record without {error}") from error


def _import(upload: Upload, content: Content) -> None:
    """Start the job, or the retry of one, that was made for the key, or else a job of the object's own; once."""
    source = {"bucket": upload.bucket, "key": upload.key, "version": upload.version, "kind": content}
    job_id, run = job_of_upload(upload.key) or ("", "")
    made = _made_for(job_id, run) if job_id else None
    if made is None:
        # The event's own time, so that jobs list by when the file was dropped. An object of an unversioned bucket
        # is told from the one before it by its sequencer.
        version = upload.version if upload.version != "null" else upload.sequencer
        job_id, run = dropped_job_id(upload.bucket, upload.key, version, clock.parse(upload.at)), ""
        with context.working_for(request_id=job_id):  # nobody's request: what follows is known by the job
            jobs().create("import", job_id, content=content, source=upload.key)
    else:
        source["kind"] = made["content"]
    given = {"job": job_id, **source, **({"run": run} if run else {})}
    started = start("import", job_id, given, run)
    logs.info("upload", job=job_id, bytes=upload.size, started=started)


def _made_for(job_id: str, run: str) -> Item | None:
    """The job that an upload was asked for, if it was: a key alone lends nobody the privileges of a job."""
    try:
        job = jobs().get(job_id, "import")
    except NotFound:
        return None
    return job if not run or jobs().part(job_id, retry_part(run)) else None


def _described(record: dict[str, Any]) -> dict[str, Any]:
    parts = record.get("s3", {}).get("object", {})
    return {name: parts.get(name) for name in ("key", "versionId", "sequencer")}
