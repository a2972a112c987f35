"""Mail: asking for one, and the state of each.

Others ask for a mail with `request`; the consumer of the queue `mail` (`mail_delivery`) writes and sends it. The
message does not decide where a mail with a token goes, and for what: `mail_delivery.warrants` reads that from its
record.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chalicelib.core import context, wire
from chalicelib.core.aws import clients
from chalicelib.core.crypto import message_macs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.core.erasure import Erased
    from chalicelib.mail.model import Template
    from chalicelib.mail.rows import MailRow

__all__ = ["alert_operators", "alert_person", "erase", "mails_of_event", "mails_to", "model", "request", "store"]


def request(
    template: Template,
    to: str | None,
    *,
    key: str,
    user_id: str | None = None,
    locale: str | None = None,
    expires_at: int | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Ask for one mail, by one message on the queue `mail`, with a MAC that needs `app-keys`. Without a `to` it goes to
    the email address that the person has when it is sent. A mail with a token goes where its record says.

    The same `template` and `key` are mailed once, however often they are asked for. `data` names the record that a
    token is for (`intent_id`): tokens are minted when the mail is written. A mail that is not sent by `expires_at`
    (seconds since 1970) is dropped. With `user_id` it shows up in that person's list, at once.
    """
    fields = {
        "template": template,
        "to": to,
        "key": key,
        "user_id": user_id,
        "locale": locale,
        "expires_at": expires_at,
        "data": data or {},
        "request_id": context.current().request_id or None,
    }
    document = {name: value for name, value in fields.items() if value is not None}
    if user_id is not None:
        from chalicelib.mail.model import requested
        from chalicelib.mail.store import mails

        mails().record(requested(document), "queued")
    clients.send("mail", wire.to_json(message_macs.vouched("mail", document)))


def alert_operators(subject: str, text: str, *, key: str) -> None:
    """Mail one alert to each of the operators, once for each `key`, in the plain form that needs no MAC. An
    alert that can never be mailed is dropped with a line in the log, and becomes no dead letter."""
    from chalicelib.core.settings import settings

    for position, operator in enumerate(settings().operators):
        clients.send("mail", wire.to_json(_alert(operator, subject, text, f"{key}:{position}")))


def alert_person(user_id: str, email: str, subject: str, text: str, *, key: str) -> None:
    """Mail an alert to the email address of a person, once for each `key`. It shows up in that person's list, at
    once."""
    from chalicelib.mail.model import plain
    from chalicelib.mail.store import mails

    alert = _alert(email, subject, text, f"{key}:{user_id}")
    mails().record(replace(plain(alert, message_id=""), user_id=user_id), "queued")
    clients.send("mail", wire.to_json(alert))


def _alert(to: str, subject: str, text: str, key: str) -> dict[str, str]:
    from chalicelib.mail.model import BODY_LIMIT, SUBJECT_LIMIT

    return {"to": to, "subject": subject[:SUBJECT_LIMIT], "body": text[:BODY_LIMIT], "id": key[-200:]}


def mails_to(user_id: str) -> Iterator[MailRow]:
    """What is kept of the mails to this person, newest first: no email address and no content."""
    from chalicelib.mail.store import mails

    return mails().all_to(user_id)


def mails_of_event(user_id: str, event_id: str, time: str) -> list[MailRow]:
    """What is kept of the mails to this person about an event of that id, which happened at a timestamp."""
    from datetime import timedelta

    from chalicelib.core import clock
    from chalicelib.mail.store import mails

    a_little_before = clock.timestamp(clock.parse(time) - timedelta(minutes=1))  # clocks of functions differ
    return mails().of_event(user_id, event_id, a_little_before)


def erase(user_id: str) -> Erased:
    """Delete up to 100 records of mails to this person."""
    from chalicelib.mail.store import mails

    return mails().erase(user_id)
