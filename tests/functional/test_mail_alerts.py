"""Which alarms are mailed to the operators, and that a mail about an alarm is never what the next one is about."""

from __future__ import annotations

import json

import pytest

from chalicelib.core.aws import telemetry
from chalicelib.core.settings import settings
from chalicelib.mail_delivery.delivery import deliver_mail
from chalicelib.mail_delivery.operator_alerts import mail_operators
from tests.environment import ACCOUNT, REGION
from tests.functional.faults import failing

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:rollcall-test-ops-alerts"


def notified(before: str, now: str, name: str = "dead-letters") -> dict:
    """What `on_alert` gets when CloudWatch tells of an alarm: every field that it sends, as in
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html"""
    alarm = {
        "AlarmName": f"rollcall-test-{name}",
        "AlarmDescription": "Something could not be processed, and is kept. More: docs/operations.md.",
        "AWSAccountId": ACCOUNT,
        "AlarmConfigurationUpdatedTimestamp": "2026-03-01T11:58:07.311+0000",
        "NewStateValue": now,
        "NewStateReason": "Threshold Crossed: 1 datapoint [1.0 (01/03/26 11:55:00)] was greater than the threshold.",
        "StateChangeTime": "2026-03-01T12:00:07.338+0000",
        "Region": "US East (N. Virginia)",
        "AlarmArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:rollcall-test-{name}",
        "OldStateValue": before,
        "OKActions": [TOPIC],
        "AlarmActions": [TOPIC],
        "InsufficientDataActions": [],
        "Trigger": {
            "Period": 300,
            "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 0.0,
            "TreatMissingData": "notBreaching",
            "EvaluateLowSampleCountPercentile": "",
            "Metrics": [
                {
                    "Id": "most",
                    "Label": "Most in one queue",
                    "Expression": "MAX(FILL(METRICS(), 0))",
                    "ReturnData": True,
                }
            ],
        },
    }
    return {
        "Records": [
            {
                "EventSource": "aws:sns",
                "EventVersion": "1.0",
                "EventSubscriptionArn": f"{TOPIC}:21be56ed-a058-49f5-8c98-aedd2564c486",
                "Sns": {
                    "Type": "Notification",
                    "MessageId": f"{name}-{before}-{now}",
                    "TopicArn": TOPIC,
                    "Subject": f'{now}: "rollcall-test-{name}" in US East (N. Virginia)',
                    "Message": json.dumps(alarm),
                    "Timestamp": "2026-03-01T12:00:07.380Z",
                    "SignatureVersion": "1",
                    "Signature": "c2lnbmVk",
                    "SigningCertUrl": "https://sns.us-east-1.amazonaws.com/SimpleNotificationService.pem",
                    "UnsubscribeUrl": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe",
                    "MessageAttributes": {},
                },
            }
        ]
    }


def mailed(aws) -> list[str]:
    """The subjects of the mails that are sent now."""
    with telemetry.recording() as calls:
        deliver_mail({"Records": aws.take("mail")})
    return [call.parameters["Content"]["Simple"]["Subject"]["Data"] for call in calls.of("SendEmail")]


@pytest.mark.parametrize(
    ("before", "now", "mails"),
    [
        ("INSUFFICIENT_DATA", "OK", 0),
        ("OK", "OK", 0),
        ("INSUFFICIENT_DATA", "ALARM", 1),
        ("OK", "ALARM", 1),
        ("ALARM", "OK", 1),
    ],
)
def test_an_alarm_is_mailed_when_it_begins_and_when_it_ends(aws, before, now, mails):
    mail_operators(notified(before, now))
    assert mailed(aws) == [f"[rollcall-test] {now}: rollcall-test-dead-letters"] * mails


def test_the_alarms_of_a_first_deployment_mail_nobody(aws):
    for number in range(57):
        mail_operators(notified("INSUFFICIENT_DATA", "OK", name=f"alarm-{number}"))
    assert aws.take("mail") == []


@pytest.mark.parametrize("code", ["MessageRejected", "NotFoundException", "BadRequestException"])
def test_a_mail_about_an_alarm_that_ses_refuses_is_no_dead_letter(aws, code):
    mail_operators(notified("OK", "ALARM"))
    with failing("sesv2", "SendEmail", code):
        deliver_mail({"Records": aws.take("mail")})
    assert aws.take("mail-dlq") == []
    assert [row["state"] for row in aws.rows("mail")] == ["parked"]


@settings.held(operators=("nobody at all",))
def test_nor_is_one_to_an_address_that_is_none(aws):
    mail_operators(notified("OK", "ALARM"))
    deliver_mail({"Records": aws.take("mail")})
    assert aws.take("mail-dlq") == []
