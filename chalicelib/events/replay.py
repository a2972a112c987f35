"""A replay: events of a range of the feed are published again, under their own ids, marked `replayed`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core import ids
from chalicelib.core.errors import Conflict
from chalicelib.events.change import ENDED
from chalicelib.events.feed import horizon, read
from chalicelib.events.model import marked
from chalicelib.events.publishing import publish
from chalicelib.events.store import event_in, history
from chalicelib.jobs import jobs, queue_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.core.dynamo import Item

PAGE = 100
"""Events of one page. A replay's pages run one after the other, so this and a page's time bound its rate."""


def start_replay(since: str, until: str, types: Sequence[str]) -> Item:
    """Begin to replay what was recorded from one timestamp up to another, all types where none is named. Returns
    the job that does it."""
    options = {"from": since, "to": min(until, horizon()), "types": sorted(types)}
    job, _ = jobs().create("replay", ids.new_id(), options=options, position=since, counts={"published": 0})
    queue_page(job["id"], "replay", {"after": since})
    return job


def replay_page(job_id: str, _page: dict[str, Any]) -> dict[str, Any] | None:
    """Publish the next page of a replay: what follows it, or None at the end.

    How far it got is in the job, so a page that comes twice goes on where the first one ended. Only a crash
    before that is written publishes events once more. A job that was ended meanwhile publishes nothing.
    Raises Conflict where SNS refuses an event for good, Unavailable where it does for now.
    """
    job = jobs().get(job_id, "replay")
    if job["status"] in ENDED:
        return None
    options = job["options"]
    types = frozenset(options["types"])
    found = read(
        history(),
        job["position"],
        options["to"],
        limit=PAGE,
        wanted=(lambda row: row["type"] in types) if types else None,
    )
    refused = publish([marked(_original(row), "replayed") for row in found.rows], source="replay")
    if refused:
        raise Conflict(f"SNS refused {len(refused)} events that it took before: {refused[0].code}")
    counts = {"published": job["counts"]["published"] + len(found.rows)}
    jobs().change(job_id, status="running", position=found.position, counts=counts)
    return {"after": found.position} if found.position < options["to"] else None


def _original(row: Item) -> dict[str, Any]:
    event = event_in(row)
    del event["recordedtime"]
    return event
