"""What became of a mail: SES tells it on the topic `mail-feedback`.

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
from chalicelib.mail_delivery.delivery import HEADER, TAG

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.core.aws.dynamo import Item
    from chalicelib.mail.model import State

ON_ITS_WAY: tuple[State, ...] = ("sending", "sent")

NO_COMPLAINT = "not-spam"
"""The complaint of a reader who took the mail out of the spam folder."""

UNKNOWN = "confirm_registration"
"""What a complaint is taken to be about that names no mail of ours: what strangers cause."""

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
    """What a report of SES says, or None where it is about none of this. Raises KeyError for half a report."""
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
    a mailbox that got the mail, so it undoes no delivery."""
    if bounce["bounceType"] != "Permanent":
        return Outcome("bounced", ON_ITS_WAY)
    addresses = [recipient["emailAddress"] for recipient in bounce["bouncedRecipients"]]
    return Outcome("bounced", (*ON_ITS_WAY, "delivered"), addresses)


def _take(record: dict[str, Any]) -> None:
    message = record["Sns"]["Message"]
    if message.startswith(SES_GREETING):
        return
    try:
        report = wire.from_json(message, "the feedback")
        told = outcome(report)
        mail_id = _our_id(report) if told else ""
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Malformed("the feedback is none that SES gives") from error
    if told is None:
        return
    known = mails().find(mail_id) if mail_id else None
    if mail_id and known is None:
        return  # of another sender, or of so long ago that nothing is kept of it
    for digest in _mailed(told, known, report):
        if told.state == "bounced":
            mails().note_bounce(digest)
        else:
            mails().note_complaint(digest, (known or {}).get("template", UNKNOWN))
    if mail_id:
        mails().mark(mail_id, told.state, told.follows)
    logs.count("MailFeedback", state=told.state)


def _mailed(told: Outcome, known: Item | None, report: dict[str, Any]) -> set[str]:
    """The digests of those among whom a report names that the mail really went to. A complaint may name everybody at
    one provider whom it could be from, and a report of no mail of ours names the recipients beside them
    (https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html#complained-recipients)."""
    named = {address_digest(str(address)) for address in told.suppressed}
    if known and "sent_to" in known:
        return named & {known["sent_to"]}
    if recipients := report["mail"].get("destination"):
        return named & {address_digest(str(address)) for address in recipients}
    return named if told.state == "bounced" or len(named) == 1 else set()


def _our_id(report: dict[str, Any]) -> str:
    """Our id of the mail, or empty where SES does not say it."""
    mail = report["mail"]
    for tag in mail.get("tags", {}).get(TAG, []):
        return str(tag)
    for header in mail.get("headers", []):
        if header["name"].lower() == HEADER.lower():
            return str(header["value"])
    return ""
