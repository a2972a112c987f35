"""Mail to the addresses of SES's simulator: https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.mail.model import address_digest
from tools.rehearse.people import PASSWORD, expect
from tools.rehearse.steps import Failed, Skipped, step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.rehearse.context import Rehearsal, Sizes
    from tools.rehearse.steps import Evidence

SIMULATED = {
    "bounce+rehearsal@simulator.amazonses.com": "bounced",
    "complaint+rehearsal@simulator.amazonses.com": "complained",
    "suppressionlist@simulator.amazonses.com": "bounced",
}
"""The outcome of a mail to each email address, with which the address is marked."""

UNVERIFIED = (
    "SES does not send from the mail domain: it is no verified identity. Verify it first, in this region, and rehearse "
    "again with the same MAIL_DOMAIN"
)


def _mails(_: Sizes) -> Mapping[str, float]:
    return {"mails": 20}


@step(needs=("signing-up",), uses=_mails, minutes=1, look="the log groups of on_mail and on_mail_feedback")
def mail_is_sent(rehearsal: Rehearsal) -> Evidence:
    """The mail of the registration was sent.

    The queue of mails, its consumer's permission to send by identity and configuration set, and what SES answers.
    On AWS also SES's report of the delivery, through the encrypted topic.
    """
    if not rehearsal.can_mail and not rehearsal.local:
        raise Skipped(UNVERIFIED)
    awaited_states = {"sent", "delivered"} if rehearsal.local else {"delivered"}

    def look() -> dict[str, Any] | None:
        rows = rehearsal.client("dynamodb").query(
            TableName=rehearsal.names.of("mail"),
            IndexName="user-index",
            KeyConditionExpression="user_id = :person",
            ExpressionAttributeValues={":person": {"S": rehearsal.facts["ada id"]}},
        )["Items"]
        states = {row["template"]["S"]: row["state"]["S"] for row in rows}
        rehearsal.facts["mails"] = states
        return states if awaited_states & set(states.values()) else None

    states = rehearsal.until(look, "a mail that SES took and reported", 4)
    return {"mails": states}


@step(
    needs=("mail-is-sent",),
    uses=_mails,
    minutes=2,
    aws_only="the local cloud sends every mail, and reports nothing of it",
    look="the log group of on_mail_feedback; the topic mail-feedback and the policy of its key",
)
def mail_feedback(rehearsal: Rehearsal) -> Evidence:
    """Bounces and complaints mark their addresses.

    SES publishes them on the topic, whose key it may use, and the consumer notes the address by its digest. The
    simulator's suppressed address bounces too.
    """
    for email_address in SIMULATED:
        registration = {"email": email_address, "password": PASSWORD}
        expect(rehearsal.api.call("POST", "/users", registration), 202, what="registering")
    marked: dict[str, str] = {}

    def look() -> bool:
        for email_address in SIMULATED:
            key = {"id": {"S": f"address#{address_digest(email_address)}"}}
            row = rehearsal.client("dynamodb").get_item(TableName=rehearsal.names.of("mail"), Key=key).get("Item")
            if row:
                marked[email_address] = row["reason"]["S"] if "reason" in row else "complained"
        return len(marked) == len(SIMULATED)

    try:
        rehearsal.until(look, "the feedback on all three addresses", 6)
    except Failed as failed:
        raise Failed(str(failed), failed.look, **marked) from failed
    if marked != SIMULATED:
        raise Failed("an address is marked for another reason", **marked)
    return marked
