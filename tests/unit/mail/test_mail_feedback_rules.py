"""What SES's reports mean. The reports are AWS's own examples, cut to what counts."""

from __future__ import annotations

import pytest

from chalicelib.mail_delivery.feedback import Outcome, outcome

ANN = "ann@example.com"
ON_ITS_WAY = ("sending", "sent")
PERMANENT = {"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": [{"emailAddress": ANN}]}
TRANSIENT = {
    "bounceType": "Transient",
    "bounceSubType": "MailboxFull",
    "bouncedRecipients": [{"emailAddress": ANN}],
}
COMPLAINT = {"complainedRecipients": [{"emailAddress": ANN}], "complaintFeedbackType": "abuse"}


@pytest.mark.parametrize("form", ["eventType", "notificationType"])
@pytest.mark.parametrize(
    ("kind", "part", "expected"),
    [
        ("Delivery", {"delivery": {}}, Outcome("delivered", ON_ITS_WAY)),
        ("Reject", {"reject": {"reason": "Bad content"}}, Outcome("rejected", ON_ITS_WAY)),
        ("Bounce", {"bounce": PERMANENT}, Outcome("bounced", (*ON_ITS_WAY, "delivered"), [ANN])),
        ("Bounce", {"bounce": TRANSIENT}, Outcome("bounced", ON_ITS_WAY)),
        (
            "Complaint",
            {"complaint": COMPLAINT},
            Outcome("complained", (*ON_ITS_WAY, "delivered", "bounced"), [ANN]),
        ),
        ("Complaint", {"complaint": {**COMPLAINT, "complaintFeedbackType": "not-spam"}}, None),
        ("Open", {"open": {}}, None),
        ("AmazonSnsSubscriptionSucceeded", {}, None),
    ],
)
def test_what_a_report_means(form, kind, part, expected):
    assert outcome({form: kind, "mail": {}, **part}) == expected


@pytest.mark.parametrize(
    "report", [{"eventType": "Bounce"}, {"eventType": "Bounce", "bounce": {}}, {"eventType": "Complaint"}]
)
def test_half_a_report_is_none(report):
    with pytest.raises(KeyError):
        outcome(report)
