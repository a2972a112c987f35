"""Which person a mail can reach. Mails are written and sent some time after the event or request that asked for them,
so the person is read anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib import mail
from chalicelib.accounts.store import people

if TYPE_CHECKING:
    from chalicelib.accounts.rows import Person


def reachable(user_id: str) -> Person | None:
    """The person, if they exist and have an email address."""
    person = people().find(user_id)
    return person if person and person.get("email") else None


def alert(user_id: str, subject: str, text: str, *, key: str) -> None:
    """Mail an alert to the present email address of a person, once for each `key`. Nothing is sent if there is no such
    person, or if they were removed or have no email address. The mail is in the person's list of mails at once."""
    person = reachable(user_id)
    if person is not None:
        mail.alert_person(user_id, person["email"], subject, text, key=key)
