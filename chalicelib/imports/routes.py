"""Bulk over HTTP, for administrators: making imports and exports, and watching them."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any, Literal

from chalice import Blueprint
from pydantic import BaseModel, Field

from chalicelib.core import clock, ids
from chalicelib.core.aws import objects
from chalicelib.core.errors import Conflict
from chalicelib.core.http.routing import (
    ADMIN,
    SIGNED_IN,
    Caller,
    ListQuery,
    Model,
    Moment,
    NoQuery,
    Proof,
    QueryModel,
    Reply,
    Request,
    declares,
)
from chalicelib.exports.export import start_export
from chalicelib.imports import files, progress, retry
from chalicelib.imports.columns import ERRORS, LINE
from chalicelib.imports.model import (
    Content,
    ExportFormat,
    Mode,
    Options,
)
from chalicelib.imports.upload_forms import new_form
from chalicelib.jobs import jobs
from chalicelib.jobs.store import ENDED
from chalicelib.privacy.own_data import export_of

if TYPE_CHECKING:
    from chalicelib.jobs.rows import Job

imports = Blueprint(__name__)

INLINE_BYTES = 4 * 1024**2
"""Of a report that is answered as it is; a longer one is a link."""


class NewImport(Model):
    content: Content = "users"
    mode: Mode = "create"
    """`create` reports those who exist already as errors, `upsert` changes what differs of them."""
    dry_run: bool = False
    """Say what would become of each row, and write nobody."""
    privileged: bool = False
    """Apply roles and status too: wants a second factor proved in the last five minutes."""
    firebase_project: Annotated[str, Field(max_length=40)] = ""
    """The secret `rollcall-<stage>-firebase-<project>` holds the project's hash parameters."""
    cognito_hash_column: Annotated[str, Field(max_length=100)] = ""
    cognito_hash_algorithm: Literal["", "ARGON2ID", "BCRYPT", "PBKDF2_SHA256", "SCRYPT"] = ""
    kratos_email: Annotated[str, Field(max_length=200)] = ""
    """The trait that is the address, with dots where it lies deeper."""
    kratos_name: Annotated[str, Field(max_length=200)] = ""

    def options(self) -> Options:
        return Options(**{field.name: getattr(self, field.name) for field in fields(Options)})


class Mended(Model):
    rows: Annotated[list[dict[str, Any]] | None, Field(max_length=1000)] = None
    """Rows of the report, with their `_ref`. Left out, the answer has a form to upload a file of them with."""


class NewExport(Model):
    """Who is exported, and how. Filters hold together; times are RFC 3339."""

    format: ExportFormat = "ndjson"
    credentials: bool = False
    """Password hashes and TOTP secrets too."""
    min_age: Annotated[int | None, Field(ge=0, le=150)] = None
    max_age: Annotated[int | None, Field(ge=0, le=150)] = None
    role: str | None = None
    status: Literal["active", "disabled"] | None = None
    created_after: Moment | None = None
    created_before: Moment | None = None

    def filters(self) -> dict[str, Any]:
        return self.model_dump(exclude={"format", "credentials"}, exclude_none=True)


class ReportQuery(QueryModel):
    format: Literal["json", "ndjson", "csv"] = "json"


class CountsView(BaseModel):
    rows: int
    created: int
    updated: int
    unchanged: int
    failed: int


class ImportView(BaseModel):
    """An import. `read` rows of the file have been read, `total` is known once all are; `rate` is in rows a second."""

    id: str
    content: Content
    status: str
    reason: Annotated[str | None, Field(description="Why it failed")]
    refused: Annotated[str | None, Field(description="Why the file of the last retry could not be taken")]
    options: dict[str, Any] | None
    source: str
    format: str | None
    bytes: int | None
    read: int | None
    total: int | None
    counts: CountsView
    rate: float | None
    seconds_left: int | None
    created_at: str
    started_at: str | None
    ended_at: str | None
    has_errors: bool


class UploadForm(BaseModel):
    """A presigned POST: send `fields` and then the file as `file`, as multipart/form-data, within 15 minutes."""

    url: str
    fields: dict[str, str]


class NewImportView(ImportView):
    upload: UploadForm


class ImportList(BaseModel):
    items: list[ImportView]
    next: str | None


class RowErrorView(BaseModel):
    """One fault. `row` is the refused row under our columns, without its secrets; a retry knows it by its `_ref`."""

    line: int
    field: str
    reason: str
    row: dict[str, Any]


class RetryView(ImportView):
    upload: UploadForm | None = Field(description="Null where the rows came with the request")


class RowErrorList(BaseModel):
    items: list[RowErrorView]
    next: None = None


class ExportCounts(BaseModel):
    rows: int


class ExportView(BaseModel):
    """An export. `link` downloads its file for ten minutes, once it has finished. It is everybody at once, so it is
    given only to who has proved a second factor in the last five minutes, as for asking. The file of one with
    credentials is removed ten minutes after it has finished."""

    id: str
    status: str
    reason: str | None
    format: str | None
    credentials: bool
    filters: dict[str, Any]
    bytes: int | None
    counts: ExportCounts
    created_at: str
    ended_at: str | None
    link: str | None = None


class ExportList(BaseModel):
    items: list[ExportView]
    next: str | None


class OwnData(BaseModel):
    """Everything about a person that is kept, but for secrets: of these it says when they were set."""

    exported_at: str
    person: dict[str, Any]
    address: dict[str, Any] = Field(description="The address, and the spelling under which it is nobody else's")
    password: dict[str, Any] | None
    factors: dict[str, Any]
    sessions: list[dict[str, Any]]
    items: list[dict[str, Any]]
    history: list[dict[str, Any]]
    mails: list[dict[str, Any]]
    jobs: list[dict[str, Any]]


@imports.route("/me/export", methods=["GET", "HEAD"], content_types=[])
@declares(who=SIGNED_IN, answers={200: OwnData, 303: None}, proof=Proof.PERSON)
def export_me(request: Request[None, NoQuery]) -> dict[str, Any]:
    """Get all that is held about me, as one document; by a link where it is above 4 MB."""
    return export_of(request.caller.user)


def _importing(wanted: NewImport) -> Proof:
    """A privileged one wants a second factor."""
    return Proof.SECOND_FACTOR if wanted.privileged else Proof.RECENT


@imports.route("/imports", methods=["POST"], content_types=[])
@declares(who=ADMIN, body=NewImport, answers={201: NewImportView}, proof=Proof.RECENT, proof_for=_importing)
def create_import(request: Request[NewImport, NoQuery]) -> NewImportView:
    """Make an import, and a form to upload its file with."""
    job_id = ids.new_id()
    made = new_form(job_id)
    job, _ = jobs().create(
        "import",
        job_id,
        content=request.body.content,
        options=request.body.options().stored(),
        source=f"imports/{job_id}",
        form=made.kept,
    )
    form = UploadForm.model_validate(files.upload_form(made.key))
    return NewImportView(**progress.of_import(job), upload=form)


@imports.route("/imports", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, query=ListQuery, answers={200: ImportList})
def list_imports(request: Request[None, ListQuery]) -> ImportList:
    """List imports, newest first."""
    found, following = _page(request, "import")
    return ImportList(items=[ImportView(**progress.of_import(job)) for job in found], next=following)


@imports.route("/imports/{job_id}", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, answers={200: ImportView})
def read_import(_request: Request[None, NoQuery], job_id: str) -> ImportView:
    """Watch an import."""
    return ImportView(**progress.of_import(jobs().get(job_id, "import")))


@imports.route("/imports/{job_id}/errors", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, query=ReportQuery, answers={200: RowErrorList, 303: None}, proof=Proof.RECENT)
def read_import_errors(request: Request[None, ReportQuery], job_id: str) -> Reply:
    """Read what was wrong with an import's rows; long reports, and other formats than JSON, by a link."""
    job = jobs().get(job_id, "import")
    if job["status"] not in ENDED:
        raise Conflict("the report is written when the import has ended")
    if "report" not in job:
        return Reply(RowErrorList(items=[]))
    if request.query.format == "json" and job["report"]["bytes"] <= INLINE_BYTES:
        lines = objects.read(job["report"]["ndjson"]).split(b"\n")
        return Reply(RowErrorList(items=[error for line in lines if line for error in _errors(json.loads(line))]))
    suffix = "csv" if request.query.format == "csv" else "ndjson"
    location = objects.link(
        job["report"]["csv" if suffix == "csv" else "ndjson"], f"import-{job_id}-errors.{suffix}"
    )
    return Reply(status=303, headers={"Location": location})


def _errors(told: dict[str, Any]) -> list[RowErrorView]:
    row = {name: value for name, value in told.items() if name not in {LINE, ERRORS}}
    return [RowErrorView(line=told[LINE], **fault, row=row) for fault in told.get(ERRORS, ())]


@imports.route("/imports/{job_id}/retry", methods=["POST"], content_types=[])
@declares(who=ADMIN, body=Mended, answers={202: RetryView}, proof=Proof.RECENT)
def retry_import(request: Request[Mended, NoQuery], job_id: str) -> RetryView:
    """Send mended rows of an import that has ended, or get a form to upload a file of them with.

    A privileged one wants a second factor, as it did when it began.
    """
    job = jobs().get(job_id, "import")
    if job.get("options", {}).get("privileged"):
        request.caller.require(Proof.SECOND_FACTOR)
    form = retry.ask(job, request.body.rows)
    upload = UploadForm.model_validate(form) if form else None
    return RetryView(**progress.of_import(job), upload=upload)


@imports.route("/exports", methods=["POST"], content_types=[])
@declares(who=ADMIN, body=NewExport, answers={202: ExportView}, idempotent=True, proof=Proof.SECOND_FACTOR)
def create_export(request: Request[NewExport, NoQuery]) -> ExportView:
    """Export people, everybody or some, as a file that an import takes."""
    asked = request.body
    job = start_export(asked.format, credentials=asked.credentials, filters=asked.filters())
    return ExportView(**progress.of_export(job))


@imports.route("/exports", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, query=ListQuery, answers={200: ExportList})
def list_exports(request: Request[None, ListQuery]) -> ExportList:
    """List exports, newest first."""
    found, following = _page(request, "export")
    return ExportList(items=[ExportView(**progress.of_export(job)) for job in found], next=following)


@imports.route("/exports/{job_id}", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, answers={200: ExportView})
def read_export(request: Request[None, NoQuery], job_id: str) -> ExportView:
    """Watch an export, and get the link to its file."""
    job = jobs().get(job_id, "export")
    return ExportView(**progress.of_export(job), link=_link(job, request.caller))


def _link(job: Job, caller: Caller) -> str | None:
    """A link to an export's file, for whoever may have it; that of one with credentials ends with the file."""
    if "file" not in job or not caller.has(Proof.SECOND_FACTOR):
        return None
    name = f"users-{job['id']}.{job['format']}"
    if not job.get("credentials"):
        return objects.link(job["file"], name)
    left = int(job.get("file_until", 0)) - clock.epoch()
    return objects.link(job["file"], name, min(left, objects.LINK_SECONDS)) if left > 0 else None


def _page(request: Request[None, ListQuery], kind: Literal["import", "export"]) -> tuple[list[Job], str | None]:
    asked = request.page()
    page = jobs().listing(kind, limit=asked.limit, start=asked.start)
    return page.items, asked.cursor(page.next)
