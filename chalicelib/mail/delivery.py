"""Sends each mail that the queue `mail` asks for once: claim, send, mark.

A crash between sending and marking leaves a claim; when the request comes again after it has grown stale, the mail
is sent again. So each crash costs one duplicate at most, and no mail is lost.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chalicelib.core import batch, clients, clock, context, logs, wire
from chalicelib.core.errors import Refused
from chalicelib.core.settings import settings
from chalicelib.mail.intake import mails_of
from chalicelib.mail.messages import write
from chalicelib.mail.model import Mail, address, address_digest
from chalicelib.mail.store import mails

if TYPE_CHECKING:
    from chalicelib.mail.messages import Message

TAG = "mail"
"""The SES message tag that carries our id: SES gives it back with every event about the mail."""

PAUSES = (0.5, 1.5)
"""Seconds to wait for an SES that has too much to do, each up to half as short: a new account may send one mail a
second (https://docs.aws.amazon.com/ses/latest/dg/quotas.html)."""

HEADER = "X-Rollcall-Mail"
"""Carries our id where no tag does: SES's older notifications repeat headers, but not tags."""


def deliver_mail(event: dict[str, Any]) -> None:
    """Handle a batch of the queue `mail`."""
    batch.from_queue("mail", event, _deliver)


def _deliver(message: batch.Message) -> None:
    for mail in mails_of(message, mails()):
        with context.working_for(mail.request_id):
            _send_once(mail)


def _send_once(mail: Mail) -> None:
    if mail.expires_at is not None and mail.expires_at <= clock.epoch():
        mails().record(mail, "expired")
        logs.info("mail expired", mail=mail.id, template=mail.template)
        return
    try:
        to, written = address(mail.to), write(mail)
    except Refused:
        mails().record(mail, "parked")
        raise
    if mails().is_suppressed(address_digest(to)):
        mails().record(mail, "suppressed")
        return
    if not mails().claim(mail):
        return
    try:
        message_id = _sent(mail.id, to, written)
    except ClientError as error:
        # SES answered, so it did not take the mail: the claim would only delay the next attempt.
        mails().mark(mail.id, "queued" if batch.is_transient(error) else "parked", ["sending"])
        raise
    mails().mark(mail.id, "sent", ["sending"], message_id=message_id)
    logs.info("mail sent", mail=mail.id, template=mail.template)
    logs.count("MailsSent", template=mail.template)


def _sent(mail_id: str, to: str, written: Message) -> str:
    """Send a mail: SES's id of it. SES is asked again where it answered that it is busy, and only then: after a
    time-out it may have taken the mail, and the client does not repeat the call either (`core.clients`)."""
    request = _ses_request(mail_id, to, written)
    for pause in PAUSES:
        try:
            return str(clients.client("sesv2").send_email(**request)["MessageId"])
        except ClientError as error:
            if not batch.is_transient(error):
                raise
        jitter = 0.5 + zlib.crc32(mail_id.encode()) / 2**33
        clock.wait_until(clock.running() + pause * jitter)
    return str(clients.client("sesv2").send_email(**request)["MessageId"])


def _ses_request(mail_id: str, to: str, written: Message) -> dict[str, Any]:
    body = {"Text": _text(written.text)} | ({"Html": _text(written.html)} if written.html else {})
    headers = {HEADER: mail_id, "Auto-Submitted": "auto-generated"}
    return {
        "FromEmailAddress": settings().mail_from,
        "Destination": {"ToAddresses": [to]},
        "Content": {
            "Simple": {
                "Subject": _text(written.subject),
                "Body": body,
                "Headers": [{"Name": name, "Value": value} for name, value in headers.items()],
            }
        },
        "ConfigurationSetName": settings().names.of("mail"),
        "EmailTags": [{"Name": TAG, "Value": mail_id}],
    }


def _text(data: str) -> dict[str, str]:
    return {"Data": wire.text(data), "Charset": "UTF-8"}
