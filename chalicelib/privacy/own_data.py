"""`GET /me/export`: all that is held about a person, as one document, read from every domain at once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from chalicelib import accounts, factors, identities, oauth, segments, sessions
from chalicelib.core import clock, wire
from chalicelib.core.aws.parallel import in_parallel
from chalicelib.core.errors import NotFound, TooLarge
from chalicelib.core.settings import settings
from chalicelib.events import history_about
from chalicelib.items import items, value_of
from chalicelib.jobs import jobs
from chalicelib.mail import mails_to
from chalicelib.profile.fields import DERIVED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from chalicelib.accounts.rows import Person

READERS = 4
"""Domains read at once."""

EXPORT_BYTES = 64 * 1024**2
"""Of one domain's rows. DynamoDB gives them by the megabyte, in some 30 ms each, and a request has 29 seconds."""

ITEM_FIELDS = ("item_key", "item_id", "at", "size", "sha256", "created_at", "updated_at", "version")


def export_of(person: Person) -> dict[str, Any]:
    """Everything about a person except secrets; for these, when they were set. Raises TooLarge above 64 MB of items or
    of history: an administrator can hand these out in parts."""
    user_id = person["id"]
    readers: dict[str, Callable[[], Any]] = {
        "password": partial(_password, user_id),
        "factors": partial(factors.view, user_id),
        "identities": partial(identities.held_about, person),
        "sessions": partial(sessions.held_about, user_id),
        "grants": partial(oauth.held_about, user_id),
        "items": partial(_items, user_id),
        "history": partial(within_limits, history_about(user_id)),
        "mails": partial(within_limits, mails_to(user_id)),
        "jobs": partial(_jobs, person),
        "segments": partial(_segments, user_id),
    }
    read = in_parallel(lambda read: read(), readers.values(), READERS)
    return {
        "exported_at": clock.timestamp(),
        "person": {name: value for name, value in person.items() if name not in DERIVED},
        "address": {"email": person.get("email"), "locked_as": person.get("email_key")},
        **dict(zip(readers, read, strict=True)),
    }


def _password(user_id: str) -> dict[str, Any] | None:
    password_row = accounts.credentials().password(user_id)
    return {"changed_at": password_row["changed_at"], "version": password_row["version"]} if password_row else None


def _items(user_id: str) -> list[Mapping[str, Any]]:
    return within_limits(map(_shown_item, items().all_of(user_id)))


def _shown_item(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**{name: row[name] for name in ITEM_FIELDS}, "item_value": value_of(row)}


def _jobs(person: Person) -> list[dict[str, Any]]:
    """The import that made or last changed the person, for as long as it is kept."""
    if "import_job" not in person:
        return []
    try:
        job = jobs().get(person["import_job"])
    except NotFound:
        return [{"id": person["import_job"], "kind": "import"}]
    return [{name: job[name] for name in ("id", "kind", "status", "created_at", "updated_at")}]


def _segments(user_id: str) -> list[dict[str, Any]]:
    """The segments that they are in, or were in; none where the stage has no read model, and so no such table."""
    return [] if settings().read_model == "off" else segments.held_about(user_id)


def within_limits(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rows of one domain. Raises TooLarge above `EXPORT_BYTES` of them."""
    accepted_rows, size = [], 0
    for row in rows:
        size += len(wire.to_json(row).encode())
        if size > EXPORT_BYTES:
            raise TooLarge(f"there is more than {EXPORT_BYTES:,} bytes of one kind: ask an administrator for it")
        accepted_rows.append(row)
    return accepted_rows
