"""What became of a mail: SES reports it on the topic `mail-feedback`.

Two forms are understood: events of a configuration set (`eventType`, with our tag), which every stage has
(https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html), and the older notifications
of an identity (`notificationType`), which name our mail only where they include the original headers
(https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.core import logs, wire
from chalicelib.core.aws import batch
from chalicelib.core.errors import Malformed
from chalicelib.core.settings import settings
from chalicelib.mail.model import address_digest
from chalicelib.mail.store import mails
from chalicelib.mail_delivery import outcomes
from chalicelib.mail_delivery.delivery import HEADER, TAG

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.mail.model import State
    from chalicelib.mail.rows import MailRow

ON_ITS_WAY: tuple[State, ...] = ("sending", "sent")

NO_COMPLAINT = "not-spam"
"""The type of report where a reader took the mail out of the spam folder."""

ASSUMED_TEMPLATE = "confirm_registration"
"""The template that is assumed for a complaint that names no mail of ours: one that strangers cause."""

SES_GREETING = "Successfully validated SNS topic"
"""What SES says in plain text when it is first allowed to publish to the topic."""


def take_feedback(event: dict[str, Any]) -> None:
    """Handle an SNS event of the topic `mail-feedback`."""
    batch.from_source("aws:sns", settings().names.of("mail-feedback"), event, _take, _describe)


def _describe(record: dict[str, Any]) -> Any:
    return {"message_id": record.get("Sns", {}).get("MessageId")}


@dataclass(frozen=True)
class Outcome:
    """What a report says: the mail's new state, the states that this may follow, and who bounced or complained."""

    state: State
    follows: Sequence[State]
    suppressed: Sequence[str] = ()


def outcome(report: dict[str, Any]) -> Outcome | None:
    """The outcome that SES reports, or None for a report of another kind. Raises KeyError for an incomplete one."""
    kind = report.get("eventType") or report.get("notificationType")
    if kind == "Delivery":
        return Outcome("delivered", ON_ITS_WAY)
    if kind == "Reject":
        return Outcome("rejected", ON_ITS_WAY)
    if kind == "Bounce":
        return _bounce(report["bounce"])
    if kind == "Complaint" and report["complaint"].get("complaintFeedbackType") != NO_COMPLAINT:
        return Outcome(
            "complained",
            (*ON_ITS_WAY, "delivered", "bounced"),
            [recipient["emailAddress"] for recipient in report["complaint"]["complainedRecipients"]],
        )
    return None


def _bounce(bounce: dict[str, Any]) -> Outcome:
    """Only a permanent bounce says that the address is bad. A transient one may also be an automatic answer from
    a mailbox that got the mail, so it does not replace a delivery."""
    if bounce["bounceType"] != "Permanent":
        return Outcome("bounced", ON_ITS_WAY)
    email_addresses = [recipient["emailAddress"] for recipient in bounce["bouncedRecipients"]]
    return Outcome("bounced", (*ON_ITS_WAY, "delivered"), email_addresses)


def _take(record: dict[str, Any]) -> None:
    message = record["Sns"]["Message"]
    if message.startswith(SES_GREETING):
        return
    try:
        report = wire.from_json(message, "the feedback")
        reported = outcome(report)
        mail_id = _our_id(report) if reported else ""
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Malformed("the feedback is none that SES gives") from error
    if reported is None:
        return
    row = mails().find(mail_id) if mail_id else None
    if mail_id and row is None:
        return  # of another sender, or so old that its row has expired
    for digest in _recipients(reported, row, report):
        if reported.state == "bounced":
            mails().note_bounce(digest)
        else:
            mails().note_complaint(digest, row.get("template", ASSUMED_TEMPLATE) if row else ASSUMED_TEMPLATE)
    if mail_id:
        mails().mark(mail_id, reported.state, reported.follows)
        outcomes.report(mail_id, reported.state)
    logs.count("MailFeedback", state=reported.state)


def _recipients(reported: Outcome, row: MailRow | None, report: dict[str, Any]) -> set[str]:
    """The digests of those email addresses in a report that the mail really went to. A complaint may name all
    recipients at one provider that it could be from. A report without our id also has the recipients of the mail
    (https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html#complained-recipients)."""
    named = {address_digest(str(email_address)) for email_address in reported.suppressed}
    if row and "sent_to" in row:
        return named & {row["sent_to"]}
    if recipients := report["mail"].get("destination"):
        return named & {address_digest(str(email_address)) for email_address in recipients}
    return named if reported.state == "bounced" or len(named) == 1 else set()


def _our_id(report: dict[str, Any]) -> str:
    """Our id of the mail, or empty where SES does not say it."""
    mail = report["mail"]
    for tag in mail.get("tags", {}).get(TAG, []):
        return str(tag)
    for header in mail.get("headers", []):
        if header["name"].lower() == HEADER.lower():
            return str(header["value"])
    return ""
