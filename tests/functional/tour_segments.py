"""The part of the tour in which an administrator has segments. SQL's part is another function's: it answers at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core.settings import settings
from tests.functional.operated import functions

if TYPE_CHECKING:
    from tests.functional.tour import Tour, Traveller


def answer(event: dict[str, Any]) -> Any:
    """What a read model of nobody answers."""
    if event["question"] == "search":
        return {"people": [], "next": None, "count": {"value": 0, "exact": True}}
    return []


def travel(tour: Tour, administrator: Traveller) -> None:
    """Do once what is done with a segment."""
    with settings.held(read_model="postgres"), functions(query_read_model=answer):
        made = administrator.call("POST", "/segments", {"name": "Adults", "filter": "age >= 18"}).body
        tour.names["segment_id"] = made["id"]
        administrator.call("GET", "/segments")
        administrator.call("GET", "/segments/{segment_id}")
        administrator.call("PATCH", "/segments/{segment_id}", {"watched": True})
        administrator.call("GET", "/segments/{segment_id}/people")
        administrator.call("GET", "/segments/{segment_id}/counts")
        administrator.call("POST", "/segments/{segment_id}/exports", {})
        patch = {"patch": {"locale": "de"}, "dry_run": True}
        job = administrator.call("POST", "/segments/{segment_id}/changes", patch).body
        former, tour.names["job_id"] = tour.names["job_id"], job["id"]
        administrator.call("GET", "/segments/{segment_id}/changes/{job_id}")
        administrator.call("GET", "/segments/{segment_id}/changes")
        administrator.call("POST", "/segments/{segment_id}/changes/{job_id}/cancel")
        tour.names["job_id"] = former
        administrator.call("DELETE", "/segments/{segment_id}")
