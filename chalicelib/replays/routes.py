"""Replays over HTTP, for administrators: beginning one, watching it, pausing, resuming and cancelling it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

from chalice import Blueprint
from pydantic import AfterValidator, BaseModel, Field, ValidationInfo

from chalicelib import events  # noqa: TC001 - pydantic reads the type
from chalicelib.core.http.routing import (
    ADMIN,
    ListQuery,
    Model,
    Moment,
    NoQuery,
    Proof,
    Reply,
    Request,
    declares,
    listing,
)
from chalicelib.jobs import jobs
from chalicelib.replays import lifecycle

if TYPE_CHECKING:
    from chalicelib.jobs.rows import Job

replays = Blueprint(__name__)


def _after_since(until: str, info: ValidationInfo) -> str:
    if until <= info.data.get("since", ""):
        raise ValueError("must be later than `from`")
    return until


class NewReplay(Model):
    """A range of the feed, by the time of recording."""

    since: Moment = Field(alias="from", description="RFC 3339")
    until: Annotated[Moment, AfterValidator(_after_since)] = Field(
        alias="to", description="RFC 3339, not included"
    )
    types: list[events.EventType] = Field(default=[], description="All where none is named")
    webhook: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        default=None,
        description="Only to this webhook, as far as its own types ask for it; to the topic if absent",
    )


class Replay(BaseModel):
    id: str
    status: Literal["waiting", "running", "paused", "finished", "failed", "cancelled"]
    reason: str | None = Field(description="Why it was paused or failed, where nobody asked for it")
    published: int = Field(description="Events sent so far")
    through: str = Field(description="Up to when what was recorded has been sent: `options.to` at the end")
    options: dict[str, Any]
    created_at: str
    updated_at: str


class ReplayList(BaseModel):
    items: list[Replay]
    next: str | None


class Preview(BaseModel):
    events: int
    complete: bool = Field(description="Whether that is all; else it is at least so many, counted up to `through`")
    through: str = Field(description="Up to when what was recorded is counted: at most until now")


def _required_proof(replay: NewReplay) -> Proof:
    """A replay to a webhook needs a second factor, because the events leave the stage."""
    return Proof.SECOND_FACTOR if replay.webhook else Proof.RECENT


@replays.route("/events/replay", methods=["POST"], content_types=[])
@declares(
    who=ADMIN,
    body=NewReplay,
    answers={202: Replay},
    idempotent=True,
    proof=Proof.RECENT,
    proof_for=_required_proof,
)
def replay_events(request: Request[NewReplay, NoQuery]) -> Reply:
    """Send a range of events again, all types or some, marked `replayed`: to the topic, or to one webhook."""
    body = request.body
    return _reply(lifecycle.start(body.since, body.until, body.types, body.webhook))


@replays.route("/events/replay/preview", methods=["POST"], content_types=[])
@declares(who=ADMIN, body=NewReplay, answers={200: Preview})
def preview_replay(request: Request[NewReplay, NoQuery]) -> Preview:
    """Count what a replay would send, without sending anything; of many events it says at least how many."""
    body = request.body
    number, through, end = lifecycle.preview(body.since, body.until, body.types, body.webhook)
    return Preview(events=number, complete=through >= end, through=through)


@replays.route("/events/replay", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, query=ListQuery, answers={200: ReplayList})
def list_replays(request: Request[None, ListQuery]) -> dict[str, Any]:
    """List the replays of the last 30 days, newest first."""
    page_request = request.page_request()
    result_page = jobs().listing("replay", limit=page_request.limit, start=page_request.start)
    return listing([_shown(job).model_dump() for job in result_page.items], page_request.cursor(result_page.next))


@replays.route("/events/replay/{job_id}", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, answers={200: Replay, 304: None})
def read_replay(_request: Request[None, NoQuery], job_id: str) -> Reply:
    """See how far a replay has come."""
    return _reply(jobs().get(job_id, "replay"))


@replays.route("/events/replay/{job_id}/pause", methods=["POST"], content_types=[])
@declares(who=ADMIN, answers={200: Replay}, proof=Proof.RECENT)
def pause_replay(_request: Request[None, NoQuery], job_id: str) -> Reply:
    """Hold a replay, after the hundred events at most that are on their way."""
    return _reply(lifecycle.pause(job_id))


@replays.route("/events/replay/{job_id}/resume", methods=["POST"], content_types=[])
@declares(who=ADMIN, answers={200: Replay}, proof=Proof.RECENT)
def resume_replay(request: Request[None, NoQuery], job_id: str) -> Reply:
    """Go on with a replay where it is.

    One to a webhook wants a second factor, as it did when it began.
    """
    return _reply(lifecycle.resume(job_id, require_proof=partial(request.caller.require, Proof.SECOND_FACTOR)))


@replays.route("/events/replay/{job_id}/cancel", methods=["POST"], content_types=[])
@declares(who=ADMIN, answers={200: Replay}, proof=Proof.RECENT)
def cancel_replay(_request: Request[None, NoQuery], job_id: str) -> Reply:
    """End a replay, after the hundred events at most that are on their way."""
    return _reply(lifecycle.cancel(job_id))


def _reply(job: Job) -> Reply:
    return Reply(_shown(job), version=job["version"])


def _shown(job: Job) -> Replay:
    through = job["position"].partition("#")[0]
    return Replay(
        id=job["id"],
        status=job["status"],
        options=job["options"],
        published=job["counts"]["published"],
        through=through,
        reason=job.get("reason"),
        created_at=job["created_at"],
        updated_at=job["updated_at"],
    )
