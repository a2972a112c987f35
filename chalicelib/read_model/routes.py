"""Searching people over HTTP: `GET /people/search`."""

from __future__ import annotations

from chalice import Blueprint

from chalicelib.core.http.routing import SUPPORT, Request, declares, listing
from chalicelib.read_model.query import ask, require
from chalicelib.read_model.schemas import FoundPeople, SearchQuery
from chalicelib.read_model.segments import definitions

people = Blueprint(__name__)


@people.route("/people/search", methods=["GET", "HEAD"], content_types=[])
@declares(who=SUPPORT, query=SearchQuery, answers={200: FoundPeople, 303: None})
def search_people(request: Request[None, SearchQuery]) -> dict[str, object]:
    """Search people by any of their fields, in any order."""
    query, page_request, roles = request.query, request.page_request(), sorted(request.caller.roles)
    require()
    found = ask(
        "search",
        q=query.q,
        sort=query.sort,
        limit=page_request.limit,
        after=page_request.start,
        count=query.count,
        roles=roles,
        segments=definitions.visible_in(query.q, roles),
    )
    return {**listing(found["people"], page_request.cursor(found["next"])), "count": found["count"]}
