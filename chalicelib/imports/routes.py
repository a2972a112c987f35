"""Imports over HTTP, for administrators: making one, watching it, its errors, and retries."""

from __future__ import annotations

import json
from typing import Any

from chalice import Blueprint

from chalicelib.core import ids
from chalicelib.core.aws import objects
from chalicelib.core.errors import Conflict
from chalicelib.core.http.routing import (
    ADMIN,
    ListQuery,
    NoQuery,
    Proof,
    Reply,
    Request,
    declares,
)
from chalicelib.imports import files, progress, retry
from chalicelib.imports.columns import ERRORS, LINE
from chalicelib.imports.preview import preview
from chalicelib.imports.schemas import (
    PREVIEW_LIMIT,
    ImportList,
    ImportView,
    Mended,
    NewImport,
    NewImportView,
    PreviewedFile,
    PreviewView,
    ReportQuery,
    RetryView,
    RowErrorList,
    RowErrorView,
    UploadForm,
)
from chalicelib.imports.upload_forms import new_form
from chalicelib.jobs import ENDED, jobs

imports = Blueprint(__name__)

INLINE_BYTES = 4 * 1024**2
"""Of a report that is answered as it is; a longer one is a link."""


def _importing(new_import: NewImport) -> Proof:
    """A privileged import needs a second factor."""
    return Proof.SECOND_FACTOR if new_import.privileged else Proof.RECENT


@imports.route("/imports", methods=["POST"], content_types=[])
@declares(who=ADMIN, body=NewImport, answers={201: NewImportView}, proof=Proof.RECENT, proof_for=_importing)
def create_import(request: Request[NewImport, NoQuery]) -> NewImportView:
    """Make an import, and a form to upload its file with."""
    job_id = ids.new_id()
    upload_form = new_form(job_id)
    job, _ = jobs().create(
        "import",
        job_id,
        content=request.body.content,
        options=request.body.options().stored(),
        source=request.body.file_name or f"imports/{job_id}",
        form=upload_form.record,
    )
    form = UploadForm.model_validate(files.upload_form(upload_form.key))
    return NewImportView(**progress.of_import(job), upload=form)


@imports.route("/imports/preview", methods=["POST"], content_types=[])
@declares(who=ADMIN, body=PreviewedFile, answers={200: PreviewView}, body_limit=PREVIEW_LIMIT)
def preview_import(request: Request[PreviewedFile, NoQuery]) -> PreviewView:
    """See what an import would make of the first ten rows of a file, and write nothing."""
    file = request.body
    return PreviewView.model_validate(preview(file.beginning, file.content, file.options(), whole=file.whole))


@imports.route("/imports", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, query=ListQuery, answers={200: ImportList})
def list_imports(request: Request[None, ListQuery]) -> ImportList:
    """List imports, newest first."""
    page_request = request.page_request()
    result_page = jobs().listing("import", limit=page_request.limit, start=page_request.start)
    imported = [ImportView(**progress.of_import(job)) for job in result_page.items]
    return ImportList(items=imported, next=page_request.cursor(result_page.next))


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


def _errors(refused_row: dict[str, Any]) -> list[RowErrorView]:
    row = {name: value for name, value in refused_row.items() if name not in {LINE, ERRORS}}
    return [RowErrorView(line=refused_row[LINE], **fault, row=row) for fault in refused_row.get(ERRORS, ())]


@imports.route("/imports/{job_id}/retry", methods=["POST"], content_types=[])
@declares(who=ADMIN, body=Mended, answers={202: RetryView}, proof=Proof.RECENT)
def retry_import(request: Request[Mended, NoQuery], job_id: str) -> RetryView:
    """Send mended rows of an import that has ended, or get a form to upload a file of them with.

    A privileged one wants a second factor, as it did when it began.
    """
    job = jobs().get(job_id, "import")
    if job.get("options", {}).get("privileged"):
        request.caller.require(Proof.SECOND_FACTOR)
    form = retry.start_retry(job, request.body.rows)
    upload = UploadForm.model_validate(form) if form else None
    return RetryView(**progress.of_import(job), upload=upload)
