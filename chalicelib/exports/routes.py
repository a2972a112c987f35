"""Exports over HTTP, for administrators: making one, watching it, and the link to its file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib.core import clock
from chalicelib.core.aws import objects
from chalicelib.core.http.routing import ADMIN, Caller, ListQuery, NoQuery, Proof, Request, declares
from chalicelib.exports.export import start_export, totals
from chalicelib.exports.model import file_name
from chalicelib.exports.schemas import ExportList, ExportView, NewExport, NewSegmentExport
from chalicelib.jobs import ENDED, jobs
from chalicelib.read_model import require
from chalicelib.read_model.segments import segment_for

if TYPE_CHECKING:
    from chalicelib.jobs.rows import Job

exports = Blueprint(__name__)


@exports.route("/exports", methods=["POST"], content_types=[])
@declares(who=ADMIN, body=NewExport, answers={202: ExportView}, idempotent=True, proof=Proof.SECOND_FACTOR)
def create_export(request: Request[NewExport, NoQuery]) -> ExportView:
    """Export people, everybody or some, as a file that an import takes, here or in another system."""
    asked = request.body
    job = start_export(asked.format, credentials=asked.credentials, filters=asked.filters(), hashes=asked.hashes)
    return ExportView(**progress_of(job))


@exports.route("/segments/{segment_id}/exports", methods=["POST"], content_types=[])
@declares(who=ADMIN, body=NewSegmentExport, answers={202: ExportView}, idempotent=True, proof=Proof.SECOND_FACTOR)
def create_segment_export(request: Request[NewSegmentExport, NoQuery], segment_id: str) -> ExportView:
    """Export the people of a segment, as `POST /exports` does with everybody."""
    require()
    asked, segment = request.body, segment_for(segment_id, request.caller.roles)
    filters = {"segment": segment_id, "filter": segment["filter"]}
    job = start_export(asked.format, credentials=asked.credentials, filters=filters, hashes=asked.hashes)
    return ExportView(**progress_of(job))


@exports.route("/exports", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, query=ListQuery, answers={200: ExportList})
def list_exports(request: Request[None, ListQuery]) -> ExportList:
    """List exports, newest first."""
    page_request = request.page_request()
    result_page = jobs().listing("export", limit=page_request.limit, start=page_request.start)
    exported = [ExportView(**progress_of(job)) for job in result_page.items]
    return ExportList(items=exported, next=page_request.cursor(result_page.next))


@exports.route("/exports/{job_id}", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, answers={200: ExportView})
def read_export(request: Request[None, NoQuery], job_id: str) -> ExportView:
    """Watch an export, and get the link to its file."""
    job = jobs().get(job_id, "export")
    return ExportView(**progress_of(job), link=_link(job, request.caller))


def _link(job: Job, caller: Caller) -> str | None:
    """A link to an export's file, if the caller may have it. If it holds credentials, the link ends with the file."""
    if "file" not in job or not caller.has(Proof.SECOND_FACTOR):
        return None
    name = file_name(job["id"], job["format"])
    if not job.get("credentials"):
        return objects.link(job["file"], name)
    seconds_left = int(job.get("file_until", 0)) - clock.epoch()
    return objects.link(job["file"], name, min(seconds_left, objects.LINK_SECONDS)) if seconds_left > 0 else None


def progress_of(job: Job) -> dict[str, Any]:
    """An export as an administrator watches it."""
    ended = job["status"] in ENDED
    so_far = job if "counts" in job else totals(jobs().parts(job["id"], "segment#"))
    left_out = sorted(so_far.get("left_out", {}).items(), key=lambda each: (-each[1], each[0]))
    return {
        **{name: job.get(name) for name in ("id", "status", "reason", "format", "hashes", "bytes", "created_at")},
        "file_name": file_name(job["id"], job["format"]),
        "credentials": bool(job.get("credentials")),
        "filters": job.get("filters", {}),
        "counts": so_far["counts"],
        "left_out": [{"name": name, "rows": rows} for name, rows in left_out],
        "ended_at": job["updated_at"] if ended else None,
    }
