"""Whom a mail can reach, for those who write and send mails: they are asked by an event or a request, long after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib import mail
from chalicelib.accounts.store import people

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person


def reachable(user_id: str) -> Person | None:
    """The person, if they exist and have an address."""
    person = people().find(user_id)
    return person if person and person.get("email") else None


def alert(user_id: str, subject: str, text: str, *, key: str) -> None:
    """Mail an alert to the address that a person has now, once for each `key`. Whoever is no person, or none any more,
    gets none. It shows up in that person's list, at once."""
    person = reachable(user_id)
    if person is not None:
        mail.alert_person(user_id, person["email"], subject, text, key=key)
