"""After a restore: who was erased since the backup came back with it, and goes again.

The ledger is the rows of the erasures themselves, in `jobs`: they name people by id alone, and are kept for longer than
any backup. They are read through their index, newest first; `users` is never scanned.
"""

from __future__ import annotations

from typing import Any

from chalicelib import accounts
from chalicelib.core import clock, logs
from chalicelib.core.errors import Malformed
from chalicelib.jobs import jobs

PAGE = 100
"""Erasures of one invocation: as many persons as one read takes."""

FIELDS = frozenset({"since", "after"})


def reapply_erasures(event: dict[str, Any]) -> dict[str, Any]:
    """Run one page of erasures again, newest first: `{"erasures", "returned", "next"}`.

    `{"since"}` is the moment that was restored to, or any before: older erasures are in the backup already. `next`
    is what `{"after"}` of the following invocation has to be, or None at the end; `returned` counts those who were
    back. Repeatable: what is gone is not found again. Raises Malformed for an event of another shape.
    """
    since = _since(event)
    page = jobs().listing("erasure", limit=PAGE, start=event.get("after"))
    wanted = [job for job in page.items if job["created_at"] >= since]
    found = accounts.rows_of([job["subject"] for job in wanted]) if wanted else []
    returned = sum(accounts.erase_again(job["id"], person) for job, person in zip(wanted, found, strict=True))
    logs.info("erasures reapplied", erasures=len(wanted), returned=returned)
    following = page.next if len(wanted) == len(page.items) else None
    return {"erasures": len(wanted), "returned": returned, "next": following}


def _since(event: dict[str, Any]) -> str:
    if not isinstance(event, dict) or not event.keys() <= FIELDS:
        raise Malformed('the event must be {"since"?: …, "after"?: …}')
    try:
        return clock.timestamp(clock.parse(event["since"])) if event.get("since") else ""
    except (TypeError, ValueError):
        raise Malformed("since is no RFC 3339 time with an offset") from None
