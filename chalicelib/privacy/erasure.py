"""Erase the rows of a person who was removed: one domain that holds rows about people after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core import logs
from chalicelib.core.errors import Malformed, Postponed, Unavailable
from chalicelib.core.settings import settings
from chalicelib.jobs import jobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.core.erasure import Erased


def erase_page(job_id: str, job_page: dict[str, Any]) -> dict[str, Any] | None:
    """Erase up to a hundred rows about the job's person in the page's `table`. Returns the next page; None at the end.

    Can be repeated: erased rows are not found again. The counts of erased rows go from page to page. A person who
    still exists is not erased: the removal, for which the job was made, did not happen. Raises Malformed for another
    table, and for counts that no erasure has, because the receipt shows them.
    """
    table = job_page.get("table")
    if table not in (*_ORDER, READ_MODEL):
        raise Malformed("not a page of an erasure")
    counts = _counted(job_page)
    subject = jobs().get(job_id, "erasure")["subject"]
    if _is_there(subject):
        logs.info("nobody who is there is erased", job=job_id)
        return None
    if table == READ_MODEL:
        _await_read_model(job_id, subject)
    else:
        erased = _eraser(table, job_page)(subject)
        counts[table] = counts.get(table, 0) + erased.rows
        if not erased.done:
            return {**job_page, "counts": counts}
        logs.info("erased", job=job_id, table=table, rows=counts[table])
    next_table = _after(table)
    if next_table is not None:
        return {**job_page, "table": next_table, "counts": counts}
    jobs().settle(job_id, status="finished", counts=counts)
    return None


_ORDER = (
    "credentials",
    "factors",
    "identities",
    "intents",
    "sessions",
    "grants",
    "items",
    "mail",
    "deliveries",
    "segments",
    "history",
)
"""History is last: erasing the others can still make events, and deliveries are found by history."""

READ_MODEL = "read_model"
"""Where the stage has one, after all others: its database may be away, and none of them waits for it."""

WAIT_SECONDS = 60
"""Between two looks at whether the read model has erased a person. It does so within seconds."""


ROWS = 10**9
"""More than a person has in any table."""


def _counted(job_page: dict[str, Any]) -> dict[str, int]:
    """The rows that earlier pages erased, by table. Raises Malformed for what are no such counts."""
    counts = job_page.get("counts", {})
    if not isinstance(counts, dict) or not counts.keys() <= set(_ORDER):
        raise Malformed("not the counts of an erasure")
    if not all(type(rows) is int and 0 <= rows <= ROWS for rows in counts.values()):
        raise Malformed("not the counts of an erasure")
    return dict(counts)


def _after(table: str) -> str | None:
    """What is erased after a table; None at the end. Only a stage with a read model has segments."""
    order = (*_ORDER, READ_MODEL)
    absent = {"segments", READ_MODEL} if settings().read_model == "off" else set()
    return next((later for later in order[order.index(table) + 1 :] if later not in absent), None)


def _await_read_model(job_id: str, user_id: str) -> None:
    """Return when no row about the person is left in the read model. Its consumer erases them by `user.deleted`. Where
    it has not, the erasure is queued for it, in case that this event is lost. Raises Postponed until it is done."""
    from chalicelib import read_model

    if settings().read_model == "off":  # turned off since the page was queued
        return
    try:
        found = read_model.ask("erased", user=user_id)
    except Unavailable:
        raise Postponed(WAIT_SECONDS, "the read model does not answer") from None
    if found["removed"] and not found["rows"]:
        logs.info("erased", job=job_id, table=READ_MODEL)
        return
    read_model.queue_page(job_id, "erasure", {})
    raise Postponed(WAIT_SECONDS, "the read model has not erased them yet")


def _is_there(user_id: str) -> bool:
    from chalicelib import accounts

    return bool(accounts.living([user_id]))


def _eraser(table: str, job_page: dict[str, Any]) -> Callable[[str], Erased]:
    from chalicelib import accounts, events, factors, identities, items, mail, oauth, segments, sessions, webhooks

    erasers: dict[str, Callable[[str], Erased]] = {
        "credentials": accounts.erase_credentials,
        "factors": factors.erase,
        "identities": identities.erase,
        "intents": lambda user_id: accounts.erase_intents(user_id, job_page.get("address")),
        "sessions": sessions.erase,
        "grants": lambda user_id: oauth.erase(user_id, webhooks.tell_of_removal),
        "items": items.erase,
        "mail": mail.erase,
        "deliveries": webhooks.erase,
        "segments": segments.erase,
        "history": events.erase,
    }
    return erasers[table]
