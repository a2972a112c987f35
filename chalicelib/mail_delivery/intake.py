"""From a message on the queue `mail` to the mails it asks for: none, one, or two.

Others in the AWS account may be allowed to send `{to, subject, body, id?}` there, and the topic sends published events.
A request of the stage itself has a MAC (`core.crypto.message_macs`), and is fulfilled as its record warrants
(`warrants`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib import accounts
from chalicelib.core import clock
from chalicelib.core.crypto import message_macs
from chalicelib.core.errors import Malformed
from chalicelib.core.settings import settings
from chalicelib.mail.model import MAILED_EVENTS, Mail, plain, requested
from chalicelib.mail_delivery import outcomes, warrants

if TYPE_CHECKING:
    from chalicelib.core.aws.batch import Message
    from chalicelib.mail.store import Mails


def mails_of(message: Message, mails: Mails) -> list[Mail]:
    """The mails that a message asks for: a template request, a CloudEvent, or `{to, subject, body}`.

    Raises Malformed for what is none of them, or is a request that this stage did not make; Invalid for one with wrong
    fields.
    """
    document = message.json()
    if not isinstance(document, dict):
        raise Malformed("the message is not a JSON object")
    if "template" in document:
        return _of_request(requested(message_macs.checked("mail", document)), mails, message.sent_at)
    if "specversion" in document:
        return _of_event(document)
    if document.keys() & {"to", "subject", "body"}:
        return [plain(document, message.id)]
    raise Malformed("the message is no mail request, no event and no {to, subject, body}")


def _of_request(mail: Mail, mails: Mails, sent_at: int) -> list[Mail]:
    """The mail, unless its record or its person was removed since it was asked for."""
    warranted = warrants.of_request(mail)
    if warranted is not None:
        return [warranted]
    if mail.user_id is not None and accounts.is_removed(mail.user_id):
        mails.expire_of_erased(mail.id)
        outcomes.report(mail.id, "expired", sent_at)
    else:
        outcomes.record(mail, "expired", sent_at)
    return []


def why_no_mail(event: dict[str, Any]) -> str | None:
    """Why no mail is sent for such an event; None where a record may warrant one."""
    template, data = MAILED_EVENTS.get(str(event.get("type"))), event.get("data")
    if template is None:
        return "no mail is sent for this type"
    if event.get("replayed") == "true":
        return "it was replayed"
    if event.get("bulk") == "true":
        return "it is of an import"
    if template == "birthday" and not settings().birthday_mail:
        return "mails for birthdays are not switched on"
    if template == "new_device" and not (isinstance(data, dict) and data.get("new_device") is True):
        return "the sign-in was on a device that is known to be theirs"
    return None


def _of_event(event: dict[str, Any]) -> list[Mail]:
    """The mails of an event. The event only names its subject. Email address, name and time come from the person's row,
    so they are up to date and no message can choose them. No mail is sent for an invitation that was accepted since.

    Nor is one sent for replayed events, which are about the past, or for those of an import, which may be thousands.
    """
    template = MAILED_EVENTS.get(str(event.get("type")))
    if template is None or why_no_mail(event):
        return []
    event_id, subject, time = event.get("id"), event.get("subject"), event.get("time")
    if not (isinstance(event_id, str) and isinstance(subject, str) and isinstance(time, str)):
        raise Malformed("the event lacks its id, subject or time")
    try:
        clock.parse(time)
    except ValueError as error:
        raise Malformed("the event's time is no time") from error
    return warrants.of_event(template, event)
