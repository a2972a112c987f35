"""A file arrived in the uploads bucket: copy it, and start its import.

S3 sends the event of an object at least once, in any order. Both effects are idempotent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote_plus

from chalicelib.core import clock, context, logs
from chalicelib.core.aws import batch
from chalicelib.core.errors import Gone, Malformed, NotFound
from chalicelib.core.settings import settings
from chalicelib.imports import upload_forms
from chalicelib.imports.model import (
    Content,
    content_of,
    dropped_job_id,
    retry_part,
    upload_digest,
    upload_in,
    upload_part,
)
from chalicelib.jobs import jobs
from chalicelib.jobs.state_machines import start
from chalicelib.replication import copies

if TYPE_CHECKING:
    from chalicelib.jobs.rows import Job


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
    """Copy every object of an S3 event, and start the imports. Raises Transient to receive the event again."""
    bucket = settings().bucket("uploads")
    batch.from_source("aws:s3", f"{bucket}/", event, _receive, describe=_described)


def _receive(record: dict[str, Any]) -> None:
    """Copy and import one object. If it cannot be copied, the import starts anyway, so that its job says why it failed,
    and the record is parked after that. An object that came after its form had expired is parked too."""
    upload = _upload(record)
    copy_error = None
    try:
        copies.copy(upload.key, upload.version, upload.sequencer, upload.size)
    except Gone as uncopied:
        copy_error = uncopied
    content = content_of(upload.key)
    if content is not None:
        _import(upload, content)
    if copy_error:
        raise copy_error


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
    """Start the job, or the retry, that the object was uploaded for; without one, create a job for the object. Once.
    Raises Gone, and starts nothing, if the object came after its form had expired."""
    at = clock.parse(upload.at)
    source = {"bucket": upload.bucket, "key": upload.key, "version": upload.version, "kind": content}
    owner = _form_owner_of(upload.key)
    if owner is None:
        # The event's own time, so that jobs list by when the file was dropped. An object of an unversioned bucket
        # is told from the one before it by its sequencer.
        version = upload.version if upload.version != "null" else upload.sequencer
        job_id, run = dropped_job_id(upload.bucket, upload.key, version, at), ""
        with context.working_for(request_id=job_id):  # no request: the job's id is the request id of what follows
            jobs().create("import", job_id, content=content, source=upload.key)
    else:
        job_id, run, source["kind"] = owner.job["id"], owner.run, owner.job["content"]
        if upload_forms.has_expired(owner.form, at):
            _fail_late_upload(owner)
            raise Gone("the form that the file came by had expired")
    if not _is_first(upload, job_id, run):
        logs.info("upload after another", job=job_id)
        return
    execution_input = {"job": job_id, **source, **({"run": run} if run else {})}
    started = start("import", job_id, execution_input, run)
    logs.info("upload", job=job_id, bytes=upload.size, started=started)


def _is_first(upload: Upload, job_id: str, run: str) -> bool:
    """Whether this is the file of the job, or of its retry: the first that came. A repeated event of the same object
    gives the same answer. Another object must not start the state machine, which takes no second input."""
    part, digest = upload_part(run), upload_digest(upload.bucket, upload.key, upload.version)
    if jobs().put_part(job_id, part, digest=digest):
        return True
    first = jobs().part(job_id, part)
    return first is not None and first.get("digest") == digest


class FormOwner(NamedTuple):
    """The job, or the retry of it, that an upload form was made for."""

    job: Job
    run: str
    form: dict[str, Any]


def _form_owner_of(key: str) -> FormOwner | None:
    """The job or retry that an upload's form was made for. None for a key without the secret of a form, which gives no
    right to use a job."""
    named = upload_in(key)
    if named is None:
        return None
    try:
        job = jobs().get(named.job_id, "import")
    except NotFound:
        return None
    holder = jobs().part(job["id"], retry_part(named.run)) if named.run else job
    form = holder.get("form") if holder else None
    return FormOwner(job, named.run, form) if form and upload_forms.fits(form, named.secret) else None


def _fail_late_upload(owner: FormOwner) -> None:
    """Fail a job whose file came too late. A late retry changes nothing, nor does a second file."""
    logs.warning("upload after its form expired", job=owner.job["id"])
    if owner.job["status"] == "waiting" and not owner.run:
        jobs().settle(owner.job["id"], status="failed", reason=upload_forms.EXPIRED)


def _described(record: dict[str, Any]) -> dict[str, Any]:
    parts = record.get("s3", {}).get("object", {})
    return {name: parts.get(name) for name in ("key", "versionId", "sequencer")}
