"""Publishes what a dead letter names after all: the changes of some hours, or one record as it is now.

`rollcall dead-letters redrive` asks for it. It does the work of the sweep, for what an operator names.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock, logs
from chalicelib.core.errors import Conflict, Malformed
from chalicelib.core.settings import settings
from chalicelib.event_bus.envelope import marked
from chalicelib.event_bus.publishing import publish
from chalicelib.events.change import state_of
from chalicelib.events.missed_changes import OWNERS, beginning, publish_missed, swept
from chalicelib.events.store import history
from chalicelib.events.watermark import SETTLING, settled_until

if TYPE_CHECKING:
    from chalicelib.events.missed_changes import Positions

LONGEST_HOURS = 24 * 15
"""A stream's day, and the fortnight that a dead letter is kept."""

SECONDS = 600
"""After which an invocation begins no further page: the function has 900."""


def reconcile(event: dict[str, Any]) -> dict[str, Any]:
    """Publish what history lacks, marked `reconciled`, once however often it is asked for.

    `{"hours": 48}` looks at what changed in so many full hours (360 at most) and since, as far as history is:
    `{"published": how many, "next"}`. Where `next` is not None, time was up, and `{"next"}` goes on.
    `{"table", "keys"}` looks at one record: `{"outcome"}` is `published`, `known` (history has it), `silent` (its state
    has no event), or `gone` (DynamoDB has neither the record nor its tombstone). Raises Malformed for an event of
    another shape and for a malformed record, Conflict where SNS refuses its event.

    Where history records nothing, events on their way that are older than a quarter of an hour are published too: these
    come twice, with the same id.
    """
    if isinstance(event, dict) and event.keys() == {"hours"}:
        return _reconcile_hours(*_window(event["hours"]))
    if isinstance(event, dict) and event.keys() == {"next"}:
        return _reconcile_hours(*_continued(event["next"]))
    if isinstance(event, dict) and event.keys() == {"table", "keys"}:
        outcome = _reconcile_record(event["table"], event["keys"])
        logs.info("reconciled", table=event["table"], outcome=outcome)
        return {"outcome": outcome}
    raise Malformed('the event must be {"hours": …}, {"next": …} or {"table": …, "keys": …}')


def _window(hours: Any) -> tuple[Positions, str]:
    if type(hours) is not int or not 0 < hours <= LONGEST_HOURS:
        raise Malformed(f"hours is no number from 1 to {LONGEST_HOURS}")
    until = settled_until() or clock.timestamp(clock.now() - SETTLING)
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    return beginning(clock.timestamp(hour - timedelta(hours=hours))), until


def _continued(previous: Any) -> tuple[Positions, str]:
    try:
        return {lane: previous["positions"][lane] for lane in beginning("")}, str(previous["until"])
    except (TypeError, KeyError):
        raise Malformed("next is not what an answer before gave") from None


def _reconcile_hours(positions: Positions, until: str) -> dict[str, Any]:
    progress = publish_missed(positions, until, seconds=SECONDS)
    logs.info("reconciled", until=until, published=progress.published, finished=progress.finished)
    next_event = None if progress.finished else {"positions": positions, "until": until}
    return {"published": progress.published, "next": next_event}


def _reconcile_record(table: Any, keys: Any) -> str:
    changes = OWNERS[table]() if table in swept() else None
    if changes is None or not isinstance(keys, dict) or keys.keys() != set(changes.keys):
        raise Malformed("table and keys name no record whose changes are events")
    (record,) = changes.records([keys])
    if record is None:
        return "gone"
    state = state_of(table, record, public_url=settings().public_url)
    if state is None:
        return "silent"
    if not history().missing([state]):
        return "known"
    for refusal in publish([marked(state, "reconciled")], source="redrive"):
        raise Conflict(f"SNS refused it: {refusal.code}")
    return "published"
