"""From a message on the queue `mail` to the mails it asks for: none, one, or two."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.core import clock
from chalicelib.core.errors import Malformed
from chalicelib.core.settings import settings
from chalicelib.mail.messages import readable
from chalicelib.mail.model import MAILED_EVENTS, Mail, mail_id, plain, requested

if TYPE_CHECKING:
    from chalicelib.core.batch import Message
    from chalicelib.core.dynamo import Item
    from chalicelib.mail.store import Mails


def mails_of(message: Message, mails: Mails) -> list[Mail]:
    """The mails that a message asks for: a template request, a CloudEvent, or `{to, subject, body}`.

    Raises Malformed for what is none of them, Invalid for one with wrong fields.
    """
    document = message.json()
    if not isinstance(document, dict):
        raise Malformed("the message is not a JSON object")
    if "template" in document:
        return _addressed(requested(document), mails)
    if "specversion" in document:
        return _of_event(document, mails)
    if document.keys() & {"to", "subject", "body"}:
        return [plain(document, message.id)]
    raise Malformed("the message is no mail request, no event and no {to, subject, body}")


def _addressed(mail: Mail, mails: Mails) -> list[Mail]:
    """The mail, unless it is to somebody who was erased since it was asked for."""
    if mail.user_id is None:
        return [mail]
    if mail.to and not mails.is_erased(mail.user_id):
        return [mail]
    if mail.to:
        mails.disown(mail.id)
        return []
    person = mails.person(mail.user_id)
    return [replace(mail, to=person["email"], locale=person.get("locale"))] if person else []


def _of_event(event: dict[str, Any], mails: Mails) -> list[Mail]:
    """An event names the person, not the address: that is read here, so that it is never out of date. An invitation
    that was accepted meanwhile mails nobody.

    Events that were replayed or are part of an import are about the past or about thousands: they mail nobody.
    """
    template = MAILED_EVENTS.get(str(event.get("type")))
    if template is None or "true" in (event.get("replayed"), event.get("bulk")):
        return []
    if template == "birthday" and not settings().birthday_mail:
        return []
    event_id, subject, time = event.get("id"), event.get("subject"), event.get("time")
    if not (isinstance(event_id, str) and isinstance(subject, str) and isinstance(time, str)):
        raise Malformed("the event lacks its id, subject or time")
    person = mails.person(subject)
    if person is None or (template == "new_device" and not _is_news(event, subject, mails)):
        return []
    data = {"name": person.get("name", ""), "at": _readable(time)}
    expires_at = None
    if template == "invitation":
        if "invited_at" not in person:
            return []
        data["intent_id"], expires_at = subject, _end_of_invitation(person)
    addresses = {"": person["email"]}
    if template == "email_changed" and (former := _former_email(event)):
        addresses[":former"] = former
    return [
        Mail(
            id=mail_id("event", event_id + suffix),
            template=template,
            to=to,
            user_id=subject,
            locale=person.get("locale"),
            expires_at=expires_at,
            data=data,
            request_id=str(event.get("requestid", "")),
        )
        for suffix, to in addresses.items()
    ]


def _end_of_invitation(person: Item) -> int:
    """In seconds since 1970, from the latest one."""
    invited_at = clock.parse(person["invited_at"])
    return int((invited_at + timedelta(days=settings().invitation_days)).timestamp())


def _is_news(event: dict[str, Any], user_id: str, mails: Mails) -> bool:
    """Whether a session is worth a mail: it began on a new device, and is not the first of its person's life."""
    data = event.get("data")
    if not (isinstance(data, dict) and data.get("new_device") is True and settings().new_device_mail):
        return False
    session = data.get("session")
    return isinstance(session, dict) and mails.has_other_session(user_id, str(session.get("id")))


def _former_email(event: dict[str, Any]) -> str:
    """The address that an email change left: its reader must hear of it too."""
    data = event.get("data")
    previous = data.get("previous") if isinstance(data, dict) else None
    email = previous.get("email") if isinstance(previous, dict) else None
    return email if isinstance(email, str) else ""


def _readable(time: str) -> str:
    try:
        return readable(clock.parse(time))
    except ValueError as error:
        raise Malformed("the event's time is no time") from error
