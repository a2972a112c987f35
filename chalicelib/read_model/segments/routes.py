"""Segments over HTTP: defining them, who is in them, how many were, and changing all of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib.core import clock
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.http.routing import (
    ADMIN,
    PATCHES,
    SUPPORT,
    ListQuery,
    NoQuery,
    Proof,
    Reply,
    Request,
    declares,
    listing,
)
from chalicelib.read_model.query import ask, require
from chalicelib.read_model.schemas import FoundPeople
from chalicelib.read_model.segments import changes as changes_of_many
from chalicelib.read_model.segments import definitions
from chalicelib.read_model.segments.schemas import (
    ChangesList,
    ChangesView,
    Counts,
    CountsQuery,
    NewChanges,
    NewSegment,
    PeopleOfSegmentQuery,
    Segment,
    SegmentList,
    SegmentPatch,
)
from chalicelib.segments import model
from chalicelib.segments import segments as stored_segments

if TYPE_CHECKING:
    from collections.abc import Collection

    from chalicelib.segments.rows import Definition

segments = Blueprint(__name__)

DAYS = 30
MOST_DAYS = {"day": 400, "hour": 31}
"""Of one answer: by the hour that is some 700 counts."""


@segments.route("/segments", methods=["POST"], content_types=[])
@declares(who=ADMIN, body=NewSegment, answers={201: Segment}, idempotent=True, proof=Proof.RECENT)
def create_segment(request: Request[NewSegment, NoQuery]) -> Reply:
    """Give a filter a name, and have it watched if you like."""
    require()
    body = request.body
    return _reply(definitions.create(body.name, body.filter, watched=body.watched))


@segments.route("/segments", methods=["GET", "HEAD"], content_types=[])
@declares(who=SUPPORT, answers={200: SegmentList})
def list_segments(request: Request[None, NoQuery]) -> dict[str, Any]:
    """List every segment, oldest first; there are 100 at most."""
    require()
    shown = [each for each in stored_segments().all() if definitions.is_shown(each, request.caller.roles)]
    return listing([_shown(definition) for definition in shown], None)


@segments.route("/segments/{segment_id}", methods=["GET", "HEAD"], content_types=[])
@declares(who=SUPPORT, answers={200: Segment, 304: None})
def read_segment(request: Request[None, NoQuery], segment_id: str) -> Reply:
    """Read one segment."""
    require()
    return _reply(definitions.segment_for(segment_id, request.caller.roles))


@segments.route("/segments/{segment_id}", methods=["PATCH"], content_types=[])
@declares(who=ADMIN, body=SegmentPatch, answers={200: Segment}, media_types=PATCHES, proof=Proof.RECENT)
def change_segment(request: Request[SegmentPatch, NoQuery], segment_id: str) -> Reply:
    """Change a segment. With another filter its members are found anew."""
    require()
    patch = request.body.model_dump(exclude_unset=True)
    return _reply(definitions.change(segment_id, patch, request.expected_version()))


@segments.route("/segments/{segment_id}", methods=["DELETE"], content_types=[])
@declares(who=ADMIN, answers={204: None}, proof=Proof.RECENT)
def remove_segment(request: Request[None, NoQuery], segment_id: str) -> None:
    """Remove a segment; nobody leaves it by that, so there are no events."""
    require()
    definitions.remove(segment_id, request.expected_version())


@segments.route("/segments/{segment_id}/people", methods=["GET", "HEAD"], content_types=[])
@declares(who=SUPPORT, query=PeopleOfSegmentQuery, answers={200: FoundPeople, 303: None})
def list_people_of_segment(request: Request[None, PeopleOfSegmentQuery], segment_id: str) -> dict[str, object]:
    """List the people who are in a segment now, in any order."""
    require()
    roles = request.caller.roles
    definition = definitions.segment_for(segment_id, roles)
    query, page_request = request.query, request.page_request()
    found = _search(
        definition, roles, sort=query.sort, limit=page_request.limit, after=page_request.start, count=query.count
    )
    return {**listing(found["people"], page_request.cursor(found["next"])), "count": found["count"]}


@segments.route("/segments/{segment_id}/counts", methods=["GET", "HEAD"], content_types=[])
@declares(who=SUPPORT, query=CountsQuery, answers={200: Counts})
def count_segment(request: Request[None, CountsQuery], segment_id: str) -> dict[str, Any]:
    """See how many people were in a segment day by day or hour by hour, and how many are now."""
    require()
    roles = request.caller.roles
    definition = definitions.segment_for(segment_id, roles)
    query = request.query
    last = query.until or clock.now().date()
    first = query.since or max(last, date.min + timedelta(days=DAYS)) - timedelta(days=DAYS)
    if not 0 <= (last - first).days < MOST_DAYS[query.by]:
        at_most = f"must be a day from `from` on, {MOST_DAYS[query.by]} days at most by the {query.by}"
        raise Invalid([FieldError(field="to", message=at_most)])
    now = _search(definition, roles, sort="-created_at", limit=1, after=None, count=True)["count"]
    kept = stored_segments().counts(segment_id, first, last)
    return {"now": now, "items": [point for day, hours in kept.items() for point in _points(day, hours, query.by)]}


@segments.route("/segments/{segment_id}/changes", methods=["POST"], content_types=[])
@declares(who=ADMIN, body=NewChanges, answers={202: ChangesView}, idempotent=True, proof=Proof.SECOND_FACTOR)
def change_people_of_segment(request: Request[NewChanges, NoQuery], segment_id: str) -> ChangesView:
    """Change everybody in a segment by one JSON merge patch, or see what that would do."""
    require()
    definition = definitions.segment_for(segment_id, request.caller.roles)
    patch = request.body.patch.model_dump(exclude_unset=True)
    job = changes_of_many.start(definition, patch, dry_run=request.body.dry_run)
    return ChangesView(**changes_of_many.view(job))


@segments.route("/segments/{segment_id}/changes", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, query=ListQuery, answers={200: ChangesList})
def list_changes(request: Request[None, ListQuery], segment_id: str) -> dict[str, Any]:
    """List the changes of everybody in a segment of the last 30 days, newest first."""
    require()
    page_request = request.page_request()
    found, after = changes_of_many.listing(segment_id, limit=page_request.limit, start=page_request.start)
    return listing([changes_of_many.view(job) for job in found], page_request.cursor(after))


@segments.route("/segments/{segment_id}/changes/{job_id}", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, answers={200: ChangesView})
def read_changes(_request: Request[None, NoQuery], segment_id: str, job_id: str) -> ChangesView:
    """Watch a change of everybody in a segment, and get the link to its report."""
    require()
    return ChangesView(**changes_of_many.view(changes_of_many.find(segment_id, job_id)))


@segments.route("/segments/{segment_id}/changes/{job_id}/cancel", methods=["POST"], content_types=[])
@declares(who=ADMIN, answers={200: ChangesView}, proof=Proof.RECENT)
def cancel_changes(_request: Request[None, NoQuery], segment_id: str, job_id: str) -> ChangesView:
    """End a change of everybody in a segment; whoever it has changed stays changed."""
    require()
    return ChangesView(**changes_of_many.view(changes_of_many.cancel(segment_id, job_id)))


def _search(definition: Definition, roles: Collection[str], **asked: Any) -> dict[str, Any]:
    found: dict[str, Any] = ask("search", q=definition["filter"], roles=sorted(roles), **asked)
    return found


def _points(day: str, hours: dict[str, int], by: str) -> list[dict[str, Any]]:
    counted = [{"at": f"{day}T{hour}:00:00.000Z", "people": people} for hour, people in hours.items()]
    return counted if by == "hour" else counted[-1:]


def _reply(definition: Definition) -> Reply:
    return Reply(_shown(definition), version=definition["version"])


def _shown(definition: Definition) -> dict[str, Any]:
    same = ("name", "filter", "watched", "version", "created_at", "updated_at")
    return {
        "id": model.id_of(definition),
        **{name: definition[name] for name in same},  # type: ignore[literal-required]
        "timed": definition["is_timed"],
        "settled": definition["watched"] and model.is_settled(definition),
        "evaluated_at": definition.get("evaluated_at"),
        "created_by": definition["created_by"] or None,
    }
