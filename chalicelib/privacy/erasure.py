"""Removing what is left of a person who went: every domain that holds rows about people, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core import logs
from chalicelib.core.errors import Malformed
from chalicelib.jobs import jobs

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.core.erasure import Erased


def erase_page(job_id: str, page: dict[str, Any]) -> dict[str, Any] | None:
    """Erase up to a hundred rows about the job's person in the page's `table`: the next page, or None at the end.

    Repeatable: what is gone is not found again. What was erased is counted from page to page. Whoever is there is not
    erased, whatever asks for it: their removal, which makes the job, did not come to pass. Raises Malformed for a page
    of no such table, and of counts that no erasure has: the receipt tells them.
    """
    table = page.get("table")
    if table not in _ORDER:
        raise Malformed("not a page of an erasure")
    counts = _counted(page)
    subject = jobs().get(job_id, "erasure")["subject"]
    if _is_there(subject):
        logs.info("nobody who is there is erased", job=job_id)
        return None
    erased = _eraser(table, page)(subject)
    counts[table] = counts.get(table, 0) + erased.rows
    if not erased.done:
        return {**page, "counts": counts}
    logs.info("erased", job=job_id, table=table, rows=counts[table])
    following = _ORDER.index(table) + 1
    if following < len(_ORDER):
        return {**page, "table": _ORDER[following], "counts": counts}
    jobs().settle(job_id, status="finished", counts=counts)
    return None


_ORDER = ("credentials", "factors", "intents", "sessions", "items", "mail", "deliveries", "history")
"""History last: what the others do may still become an event, and deliveries are found by it."""


ROWS = 10**9
"""More than a person has in any table."""


def _counted(page: dict[str, Any]) -> dict[str, int]:
    """What the pages before have erased, by table."""
    counts = page.get("counts", {})
    if not isinstance(counts, dict) or not counts.keys() <= set(_ORDER):
        raise Malformed("not the counts of an erasure")
    if not all(type(rows) is int and 0 <= rows <= ROWS for rows in counts.values()):
        raise Malformed("not the counts of an erasure")
    return dict(counts)


def _is_there(user_id: str) -> bool:
    from chalicelib import accounts

    return bool(accounts.living([user_id]))


def _eraser(table: str, page: dict[str, Any]) -> Callable[[str], Erased]:
    from chalicelib import accounts, events, factors, items, mail, sessions, webhooks

    erasers: dict[str, Callable[[str], Erased]] = {
        "credentials": accounts.erase_credentials,
        "factors": factors.erase,
        "intents": lambda user_id: accounts.erase_intents(user_id, page.get("address")),
        "sessions": sessions.erase,
        "items": items.erase,
        "mail": mail.erase,
        "deliveries": webhooks.erase,
        "history": events.erase,
    }
    return erasers[table]
