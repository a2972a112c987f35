"""Journeys of events over HTTP."""

from __future__ import annotations

from chalice import Blueprint

from chalicelib import events
from chalicelib.core.http.routing import ADMIN, Request, declares
from chalicelib.events.schemas import EventQuery
from chalicelib.journeys.journey import journey_of
from chalicelib.journeys.schemas import Journey

journeys = Blueprint(__name__)


@journeys.route("/events/{event_id}/journey", methods=["GET", "HEAD"], content_types=[])
@declares(who=ADMIN, query=EventQuery, answers={200: Journey})
def read_journey(request: Request[None, EventQuery], event_id: str) -> Journey:
    """Follow one event: what each consumer made of it, and the replays that it is in."""
    return journey_of(events.find_kept(event_id, request.query.subject, request.query.time))
