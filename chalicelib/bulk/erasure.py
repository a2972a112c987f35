"""Removing what is left of a person who went: every domain that holds rows about people, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core import logs
from chalicelib.core.errors import Malformed
from chalicelib.jobs import jobs

if TYPE_CHECKING:
    from collections.abc import Callable


def erase_page(job_id: str, page: dict[str, Any]) -> dict[str, Any] | None:
    """Erase up to a hundred rows about the job's person in the page's `table`: the next page, or None at the end.

    Repeatable: what is gone is not found again. Raises Malformed for a page of no such table.
    """
    table = page.get("table")
    if table not in _ORDER:
        raise Malformed("not a page of an erasure")
    user_id = jobs().get(job_id, "erasure")["subject"]
    if not _eraser(table)(user_id):
        return page
    logs.info("erased", job=job_id, table=table)
    following = _ORDER.index(table) + 1
    return {"table": _ORDER[following]} if following < len(_ORDER) else None


_ORDER = ("sessions", "items", "mail", "webhooks", "history")
"""History last: what the others do may still become an event."""


def _eraser(table: str) -> Callable[[str], bool]:
    from chalicelib import events, items, mail, sessions, webhooks

    return {
        "sessions": sessions.erase,
        "items": items.erase,
        "mail": mail.erase,
        "webhooks": webhooks.erase,
        "history": events.erase,
    }[table]
