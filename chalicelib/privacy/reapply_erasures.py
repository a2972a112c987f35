"""After a restore: people who were erased since the backup are in the restored tables, and are erased again.

The list of erasures is their jobs, in `jobs`: these name people by id only, and are kept longer than any backup. They
are read through their index, newest first; `users` is never scanned.
"""

from __future__ import annotations

from typing import Any

from chalicelib import accounts
from chalicelib.core import clock, logs
from chalicelib.core.errors import Malformed
from chalicelib.jobs import jobs

ERASURES_AT_ONCE = 100
"""Erasures of one invocation: as many people as one read takes."""

FIELDS = frozenset({"since", "after"})


def reapply_erasures(event: dict[str, Any]) -> dict[str, Any]:
    """Run one page of erasures again, newest first: `{"erasures", "returned", "next"}`.

    `{"since"}` is the moment that was restored to, or an earlier one: the backup has older erasures already. `next` is
    the `{"after"}` of the next invocation, or None at the end. `returned` counts the people whom the restore had
    brought back. Can be repeated: erased people are not found again. Raises Malformed for an event of another shape.
    """
    since = _since(event)
    result_page = jobs().listing("erasure", limit=ERASURES_AT_ONCE, start=event.get("after"))
    erasures = [job for job in result_page.items if job["created_at"] >= since]
    people = accounts.rows_of([job["subject"] for job in erasures]) if erasures else []
    returned = sum(accounts.erase_again(job["id"], person) for job, person in zip(erasures, people, strict=True))
    logs.info("erasures reapplied", erasures=len(erasures), returned=returned)
    next_position = result_page.next if len(erasures) == len(result_page.items) else None
    return {"erasures": len(erasures), "returned": returned, "next": next_position}


def _since(event: dict[str, Any]) -> str:
    if not isinstance(event, dict) or not event.keys() <= FIELDS:
        raise Malformed('the event must be {"since"?: …, "after"?: …}')
    try:
        return clock.timestamp(clock.parse(event["since"])) if event.get("since") else ""
    except (TypeError, ValueError):
        raise Malformed("since is no RFC 3339 time with an offset") from None
