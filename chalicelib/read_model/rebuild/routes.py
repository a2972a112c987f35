"""The read model over HTTP, for administrators: how it is, making it anew, and checking it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib.core.http.routing import (
    ADMIN,
    SUPPORT,
    ListQuery,
    NoQuery,
    Proof,
    Reply,
    Request,
    declares,
    listing,
)
from chalicelib.jobs import jobs
from chalicelib.profile.visibility import sees_all
from chalicelib.read_model.query import ask, require
from chalicelib.read_model.rebuild import lifecycle
from chalicelib.read_model.rebuild.model import progress
from chalicelib.read_model.rebuild.schemas import Check, Rebuild, RebuildList, State

if TYPE_CHECKING:
    from collections.abc import Collection

    from chalicelib.jobs.rows import Job

rebuilds = Blueprint(__name__)

FOR_ADMINISTRATORS = frozenset({"items", "memberships"})


@rebuilds.route("/read-model", methods=["GET", "HEAD"], content_types=[])
@declares(who=SUPPORT, answers={200: State})
def read_state(request: Request[None, NoQuery]) -> dict[str, Any]:
    """See how the read model is: its tables, how far it is, and the latest job that made it anew or checked it."""
    state = ask("status")
    latest = jobs().listing("rebuild", limit=1).items
    return {**state, "job": _shown(latest[0], request.caller.roles).model_dump() if latest else None}


@rebuilds.route("/read-model/rebuild", methods=["POST"], content_types=[])
@declares(who=ADMIN, answers={202: Rebuild}, idempotent=True, proof=Proof.RECENT)
def make_anew(request: Request[None, NoQuery]) -> Reply:
    """Make the tables anew from DynamoDB beside those that are asked, and then replace these by them."""
    return _reply(lifecycle.start("rebuild"), request.caller.roles)


@rebuilds.route("/read-model/verify", methods=["POST"], content_types=[])
@declares(who=ADMIN, body=Check, answers={202: Rebuild}, idempotent=True, proof=Proof.RECENT)
def verify(request: Request[Check, NoQuery]) -> Reply:
    """Compare the tables with DynamoDB, and list what differs; replace them where that is wished and something does."""
    return _reply(lifecycle.start("verify", mend=request.body.mend), request.caller.roles)


@rebuilds.route("/read-model/jobs", methods=["GET", "HEAD"], content_types=[])
@declares(who=SUPPORT, query=ListQuery, answers={200: RebuildList})
def list_rebuilds(request: Request[None, ListQuery]) -> dict[str, Any]:
    """List the jobs of the last 30 days that made the read model anew or checked it, newest first."""
    require()
    page_request = request.page_request()
    result_page = jobs().listing("rebuild", limit=page_request.limit, start=page_request.start)
    return listing(
        [_shown(job, request.caller.roles).model_dump() for job in result_page.items],
        page_request.cursor(result_page.next),
    )


@rebuilds.route("/read-model/jobs/{job_id}", methods=["GET", "HEAD"], content_types=[])
@declares(who=SUPPORT, answers={200: Rebuild, 304: None})
def read_rebuild(request: Request[None, NoQuery], job_id: str) -> Reply:
    """See how far such a job is, and what it found."""
    return _reply(jobs().get(job_id, "rebuild"), request.caller.roles)


@rebuilds.route("/read-model/jobs/{job_id}/cancel", methods=["POST"], content_types=[])
@declares(who=ADMIN, answers={200: Rebuild}, proof=Proof.RECENT)
def cancel_rebuild(request: Request[None, NoQuery], job_id: str) -> Reply:
    """End such a job, and drop what it has made. The tables that are asked stay as they are."""
    return _reply(lifecycle.cancel(job_id), request.caller.roles)


def _reply(job: Job, roles: Collection[str]) -> Reply:
    return Reply(_shown(job, roles), version=job["version"])


def _shown(job: Job, roles: Collection[str]) -> Rebuild:
    """The job, for somebody with these roles. The keys of items and memberships are for administrators: they say what
    people have, and in which segments they are."""
    shown = {name: job.get(name) for name in ("id", "status", "reason", "differences", "created_at", "updated_at")}
    listed = [row for row in job.get("listed", []) if sees_all(roles) or row["table"] not in FOR_ADMINISTRATORS]
    found = {"days": job.get("days", []), "listed": listed}
    return Rebuild.model_validate({**shown, **job["options"], **progress(job), **found})
