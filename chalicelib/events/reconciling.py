"""What a dead letter names is told after all: the changes of some hours, or one record, as it is now.

`make redrive` asks for it. It is the sweep's work, over what an operator names.
"""

from __future__ import annotations

from typing import Any

from chalicelib.core import clients, logs
from chalicelib.core.errors import Conflict, Malformed
from chalicelib.core.settings import settings
from chalicelib.events.change import state_of
from chalicelib.events.model import marked
from chalicelib.events.publishing import publish
from chalicelib.events.store import history
from chalicelib.events.sweep import KEYS, publish_missed_changes

LONGEST_HOURS = 24 * 15
"""A stream's day, and the fortnight that a dead letter is kept."""


def reconcile(event: dict[str, Any]) -> dict[str, Any]:
    """Publish what history lacks, marked `reconciled`, once however often it is asked for.

    `{"hours": 48}` sweeps so many full hours (360 at most): `{"published": how many}`. `{"table", "keys"}` looks at one
    record: `{"outcome"}` is `published`, `known` (history has it), `silent` (its state is nobody's news), or `gone`
    (DynamoDB has neither the record nor its tombstone). Raises Malformed for an event of another shape and for a
    record that makes no sense, Conflict where SNS refuses its event.
    """
    if isinstance(event, dict) and event.keys() == {"hours"}:
        return {"published": publish_missed_changes(_hours(event["hours"]))}
    if isinstance(event, dict) and event.keys() == {"table", "keys"}:
        outcome = _reconcile_record(event["table"], event["keys"])
        logs.info("reconciled", table=event["table"], outcome=outcome)
        return {"outcome": outcome}
    raise Malformed('the event must be {"hours": …} or {"table": …, "keys": …}')


def _hours(hours: Any) -> int:
    if type(hours) is not int or not 0 < hours <= LONGEST_HOURS:
        raise Malformed(f"hours is no number from 1 to {LONGEST_HOURS}")
    return hours


def _reconcile_record(table: Any, keys: Any) -> str:
    if table not in KEYS or not isinstance(keys, dict) or keys.keys() != set(KEYS[table]):
        raise Malformed("table and keys name no record whose changes are events")
    (record,) = clients.database().batch_get([(clients.table(table), keys)])
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
