"""Sends each mail that the queue `mail` asks for once: claim, send, mark.

A crash between sending and marking leaves a claim. When the request comes again after the claim has expired, the mail
is sent again. So each crash costs at most one duplicate, and no mail is lost.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chalicelib.core import (
    clock,
    context,
    logs,
    wire,
)
from chalicelib.core.aws import batch, clients
from chalicelib.core.aws.packing import SQS_DELAY_SECONDS
from chalicelib.core.errors import Postponed, Refused
from chalicelib.core.settings import settings
from chalicelib.mail.model import PLAIN, Mail, address_digest, sendable_address
from chalicelib.mail.store import mails
from chalicelib.mail_delivery import outcomes
from chalicelib.mail_delivery.intake import mails_of
from chalicelib.mail_delivery.messages import write

if TYPE_CHECKING:
    from chalicelib.mail_delivery.messages import Message

TAG = "mail"
"""The SES message tag that carries our id. SES returns it with every event about the mail."""

PAUSES = (0.5, 1.5)
"""Seconds to wait when SES is throttling, each shortened by up to half: a new account may send one mail a
second (https://docs.aws.amazon.com/ses/latest/dg/quotas.html)."""

SHORTLY = 60
"""Seconds, and up to as many again, until the next attempt after the quota of a second is used up. A new account may
send one mail a second, and thousands of waiting mails must not become dead letters."""

BLOCKED = SQS_DELAY_SECONDS
"""Seconds, the longest delay of a message, until the next attempt where SES takes no mail for now: a daily quota, which
counts the last 24 hours, is used up, or the owner of the stage has to repair something."""

_BUSY = {"LimitExceededException", "Throttling", "ThrottlingException", "TooManyRequestsException"}
_STOPPED = {"AccountSuspendedException", "MailFromDomainNotVerifiedException", "SendingPausedException"}
"""https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors"""

HEADER = "X-Rollcall-Mail"
"""Carries our id where no tag does: SES's older notifications repeat headers, but not tags."""


def deliver_mail(event: dict[str, Any]) -> None:
    """Handle a batch of the queue `mail`."""
    batch.from_queue("mail", event, _deliver)


def _deliver(message: batch.Message) -> None:
    for mail in mails_of(message, mails()):
        with context.working_for(mail.request_id):
            try:
                _send_once(mail, message.sent_at)
            except (ClientError, Refused) as error:
                # An alert may be that mails cannot be sent: then a dead letter would cause the next alarm.
                if batch.is_transient(error) or mail.to not in settings().operators:
                    raise
                logs.failure("mail dropped", error, mail=mail.id, reason=batch.reason(error))


def _send_once(mail: Mail, sent_at: int) -> None:
    if mail.expires_at is not None and mail.expires_at <= clock.epoch():
        outcomes.record(mail, "expired", sent_at)
        logs.info("mail expired", mail=mail.id, template=mail.template)
        return
    try:
        to, written = sendable_address(mail.to), write(mail)
    except Refused:
        outcomes.record(mail, "parked", sent_at)
        raise
    digest = address_digest(to)
    if not _is_alert(mail) and mails().is_suppressed(digest, mail.template):
        outcomes.record(mail, "suppressed", sent_at)
        return
    if mail.is_unproved and not mails().admit_notice(mail, digest):
        outcomes.record(mail, "suppressed", sent_at)
        logs.count("MailsCapped", share="notice", by="mailbox")
        return
    if not mails().claim(mail, digest):
        outcomes.report_sent_before(mail.id, sent_at)
        return
    try:
        message_id = _send(mail.id, to, written)
    except ClientError as error:
        # SES answered, so it did not take the mail: the claim would only delay the next attempt.
        seconds = _wait(error, mail.id)
        waits = bool(seconds) or batch.is_transient(error)
        mails().mark(mail.id, "queued" if waits else "parked", ["sending"])
        if not waits:
            outcomes.report(mail.id, "parked", sent_at)
        if seconds:
            code = error.response["Error"]["Code"]
            logs.info("mail waits for SES", mail=mail.id, template=mail.template, reason=code, seconds=seconds)
            logs.count("MailsWaiting")
            raise Postponed(seconds, f"SES answers {code}") from error
        raise
    mails().mark(mail.id, "sent", ["sending"], message_id=message_id)
    outcomes.report(mail.id, "sent", sent_at)
    logs.info("mail sent", mail=mail.id, template=mail.template)
    logs.count("MailsSent", template=mail.template)


def _is_alert(mail: Mail) -> bool:
    """Whether it is an alert to an operator. Neither a click on "spam" nor an old bounce may suppress an alarm: alerts
    go to operators as long as the setting names them, and an operator may be no person, so that no route could lift
    it."""
    return mail.template == PLAIN and mail.to in settings().operators


def _wait(error: ClientError, mail_id: str) -> int:
    """Seconds to wait where SES takes no mails at all for now, 0 where it refuses this mail.

    Only the error's message says whether the quota is that of a day or a second, and whether the identity is not
    verified or the mail is wrong: https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas-errors.html
    """
    code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "").lower()
    unverified = code == "MessageRejected" and "not verified" in message
    if code in _STOPPED or unverified or (code in _BUSY and ("daily" in message or "quota" in message)):
        return BLOCKED
    return SHORTLY + zlib.crc32(mail_id.encode()) % SHORTLY if code in _BUSY else 0


def _send(mail_id: str, to: str, written: Message) -> str:
    """Send a mail, and return SES's id of it. It is tried again only where SES answered that it is throttling. After a
    time-out SES may have taken the mail, so the AWS client does not repeat the call either (`core.aws.clients`)."""
    request = _ses_request(mail_id, to, written)
    for pause in PAUSES:
        try:
            return str(clients.client("sesv2").send_email(**request)["MessageId"])
        except ClientError as error:
            if not batch.is_transient(error) or _wait(error, mail_id) == BLOCKED:
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
