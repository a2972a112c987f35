"""What SES and CloudWatch say on their topics, and what people may read of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from chalicelib import mail
from chalicelib.core import clock
from chalicelib.core.aws import clients, telemetry
from chalicelib.mail.model import mail_id
from chalicelib.mail_delivery.delivery import deliver_mail
from chalicelib.mail_delivery.feedback import take_feedback
from chalicelib.mail_delivery.operator_alerts import mail_operators
from chalicelib.mail_delivery.routes import mail as routes
from tests.environment import ACCOUNT, REGION
from tests.functional.apps import ApiClient
from tests.functional.faults import listening

ANN = "ann@example.com"
BOUNCE = {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": "ANN@example.com"}]}
COMPLAINT = {"complainedRecipients": [{"emailAddress": ANN}]}
REPORTS = {
    "Delivery": {"delivery": {}},
    "Bounce": {"bounce": BOUNCE},
    "Soft": {"bounce": {**BOUNCE, "bounceType": "Transient"}},
    "Complaint": {"complaint": COMPLAINT},
    "Reject": {"reject": {}},
}


def sns(topic: str, *messages: object, subject: str | None = None) -> dict:
    return {
        "Records": [
            {
                "EventSource": "aws:sns",
                "EventSubscriptionArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:rollcall-test-{topic}:1b2c",
                "Sns": {
                    "MessageId": f"N{position}",
                    "Subject": subject,
                    "MessageAttributes": {},
                    "Message": message if isinstance(message, str) else json.dumps(message),
                },
            }
            for position, message in enumerate(messages)
        ]
    }


def send(aws, key: str = "K1", to: str = ANN, user_id: str = "U1") -> int:
    """Ask for a mail and run the consumer: how many SES was asked to send."""
    mail.request("already_registered", to, key=key, user_id=user_id)
    with telemetry.recording() as calls:
        deliver_mail({"Records": aws.take("mail")})
    return len(calls.of("SendEmail"))


def report(kind: str, form: str = "eventType", key: str = "K1", **about: object) -> dict:
    told = {form: "Bounce" if kind == "Soft" else kind, **REPORTS[kind]}
    return {**told, "mail": about or {"tags": {"mail": [mail_id("already_registered", key)]}}}


def state(aws, key: str = "K1") -> str:
    wanted = mail_id("already_registered", key)
    (row,) = (row for row in aws.rows("mail") if row["id"] == wanted)
    return row["state"]


@pytest.mark.slow
def test_reports_move_the_state_on_in_whatever_order_they_come(aws):
    cases = [
        (["Delivery"], "delivered"),
        (["Delivery", "Delivery"], "delivered"),
        (["Bounce"], "bounced"),
        (["Bounce", "Delivery"], "bounced"),
        (["Delivery", "Bounce"], "bounced"),
        (["Soft"], "bounced"),
        (["Delivery", "Soft"], "delivered"),
        (["Delivery", "Complaint"], "complained"),
        (["Complaint", "Delivery", "Bounce"], "complained"),
        (["Reject"], "rejected"),
    ]
    for key, _ in enumerate(cases):
        send(aws, str(key))
    for key, (kinds, expected) in enumerate(cases):
        take_feedback(sns("mail-feedback", *[report(kind, key=str(key)) for kind in kinds]))
        assert state(aws, str(key)) == expected, kinds


@pytest.mark.slow
@pytest.mark.parametrize("form", ["eventType", "notificationType"])
def test_an_address_that_bounced_or_complained_gets_no_more_mail(aws, form):
    assert [send(aws, "K1"), send(aws, "K2", "bob@example.com")] == [1, 1]
    complaint = report("Complaint", form, "K2")
    complaint["complaint"] = {"complainedRecipients": [{"emailAddress": "bob@example.com"}]}
    take_feedback(sns("mail-feedback", report("Bounce", form), complaint))
    assert [send(aws, "K3"), send(aws, "K4", "bob@example.com"), send(aws, "K5", "eve@example.com")] == [0, 0, 1]
    states = [state(aws, key) for key in ("K1", "K2", "K3", "K4", "K5")]
    assert states == ["bounced", "complained", "suppressed", "suppressed", "sent"]
    assert "@" not in json.dumps(aws.rows("mail"))


def test_other_reports_suppress_nobody(aws):
    send(aws)
    take_feedback(sns("mail-feedback", *[report(kind) for kind in ("Soft", "Delivery", "Reject")]))
    assert send(aws, "K2") == 1


def test_a_report_before_the_mark_of_sending_is_not_undone_by_it(aws, held_clock):
    mail.request("already_registered", ANN, key="K1")
    (record,) = aws.take("mail")

    def report_at_once(**_: object) -> None:
        take_feedback(sns("mail-feedback", report("Delivery")))

    with listening(clients.client("sesv2"), "after-call.sesv2.SendEmail", report_at_once):
        deliver_mail({"Records": [record]})
    assert state(aws) == "delivered"


def test_an_old_notification_names_our_mail_by_its_header_or_not_at_all(aws):
    send(aws)
    take_feedback(sns("mail-feedback", report("Bounce", "notificationType", messageId="S1")))
    assert state(aws) == "sent"
    assert send(aws, "K2") == 0
    headers = [
        {"name": "Subject", "value": "x"},
        {"name": "X-Rollcall-Mail", "value": mail_id("already_registered", "K1")},
    ]
    take_feedback(sns("mail-feedback", report("Delivery", "notificationType", headers=headers)))
    assert state(aws) == "delivered"


def test_what_is_no_report_is_parked_without_its_contents(aws):
    send(aws)
    noises = ["{", "[]", '"x"', "1", {"eventType": "Bounce"}, {"eventType": "Delivery", "mail": 1}]
    take_feedback(sns("mail-feedback", *noises, report("Delivery")))
    assert [(parked["keys"], parked["reason"]) for parked in aws.bodies("invocations-dlq")] == [
        (
            {"message_id": f"N{number}"},
            f"Malformed: the feedback is {'not JSON' if noise == '{' else 'none that SES gives'}",
        )
        for number, noise in enumerate(noises)
    ]
    assert state(aws) == "delivered"


def test_what_is_not_about_our_mails_is_passed_over(aws):
    take_feedback(
        sns(
            "mail-feedback",
            "Successfully validated SNS topic for Amazon SES event publishing.",
            {},
            {"notificationType": "AmazonSnsSubscriptionSucceeded", "message": "…"},
            {"eventType": "Open", "mail": {}, "open": {}},
            report("Delivery", key="unknown"),
        )
    )
    assert aws.rows("mail") == []
    assert aws.take("invocations-dlq") == []


ALARM = {
    "AlarmName": "rollcall-test-mail-dlq",
    "AlarmDescription": "Mails wait in the dead-letter queue",
    "NewStateValue": "ALARM",
    "NewStateReason": "Threshold crossed",
    "StateChangeTime": "2026-03-01T12:00:00.000+0000",
    "Region": "EU (Frankfurt)",
}


def test_alarms_reach_every_operator_once(aws):
    event = sns("ops-alerts", ALARM, "Budget exceeded", {"detail": 1}, subject="From AWS")
    mail_operators(event)
    mail_operators(event)
    with telemetry.recording() as calls:
        deliver_mail({"Records": aws.take("mail")})
    told = {}
    for call in calls.of("SendEmail"):
        simple = call.parameters["Content"]["Simple"]
        assert call.parameters["Destination"]["ToAddresses"] == ["ops@rollcall.example"]
        told[simple["Body"]["Text"]["Data"].splitlines()[-1]] = simple["Subject"]["Data"]
    assert len(calls.of("SendEmail")) == 3
    assert told == {
        "Region: EU (Frankfurt)": "[rollcall-test] ALARM: rollcall-test-mail-dlq",
        "Budget exceeded": "[rollcall-test] From AWS",
        '{"detail": 1}': "[rollcall-test] From AWS",
    }


@pytest.fixture
def api(aws):
    client = ApiClient(routes)
    client.sign_in("A1", "support")
    return client


@pytest.mark.slow
def test_a_persons_mails_are_listed_newest_first(aws, api, held_clock):
    for number in range(3):
        held_clock.tick(seconds=1)
        send(aws, f"K{number}")
    send(aws, "K9", user_id="U2")
    first = api.call("GET", "/users/U1/mail?limit=2")
    assert first.status == 200
    assert [entry["created_at"][17:19] for entry in first.body["items"]] == ["03", "02"]
    assert first.body["items"][0] == {
        "id": first.body["items"][0]["id"],
        "template": "already_registered",
        "state": "sent",
        "created_at": "2026-03-01T12:00:03.000Z",
        "updated_at": "2026-03-01T12:00:03.000Z",
    }
    rest = api.call("GET", f"/users/U1/mail?limit=2&cursor={first.body['next']}")
    assert [entry["created_at"][17:19] for entry in rest.body["items"]] == ["01"]
    assert rest.body["next"] is None
    assert api.call("GET", f"/users/U2/mail?cursor={first.body['next']}").status == 422


def test_only_support_reads_them(api):
    api.sign_in("U1")
    assert api.call("GET", "/users/U1/mail").status == 403
    api.sign_out()
    assert api.call("GET", "/users/U1/mail").status == 401


@pytest.mark.slow
def test_erasure_removes_a_persons_mails_a_hundred_at_a_time(aws):
    moment = clock.timestamp(datetime(2026, 3, 1, tzinfo=UTC))
    for number in range(130):
        aws.put("mail", {"id": f"M{number}", "user_id": "U1", "created_at": moment, "state": "sent"})
    aws.put("mail", {"id": "other", "user_id": "U2", "created_at": moment, "state": "sent"})
    assert [mail.erase("U1").done for _ in range(3)] == [False, True, True]
    assert [row["id"] for row in aws.rows("mail")] == ["other"]
