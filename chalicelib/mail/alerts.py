"""Alarms, from the topic `ops-alerts`, to the operators' mailboxes."""

from __future__ import annotations

import json
from typing import Any

from chalicelib import mail
from chalicelib.core import batch
from chalicelib.core.settings import settings

ALARM_FIELDS = {
    "AlarmDescription": "About",
    "NewStateValue": "State",
    "NewStateReason": "Reason",
    "StateChangeTime": "Since",
    "Region": "Region",
}
"""What is told of a CloudWatch alarm, as in
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html"""


def mail_operators(event: dict[str, Any]) -> None:
    """Handle an SNS event of the topic `ops-alerts`: a CloudWatch alarm, or any text."""
    batch.from_source("aws:sns", settings().names.of("ops-alerts"), event, _alert, _describe)


def _describe(record: dict[str, Any]) -> Any:
    return {"message_id": record.get("Sns", {}).get("MessageId")}


def _alert(record: dict[str, Any]) -> None:
    notification = record["Sns"]
    subject, text = _told(notification.get("Subject") or "", notification["Message"])
    stage = settings().names.api
    mail.alert_operators(f"[{stage}] {subject}", text, key=notification["MessageId"])


def _told(subject: str, message: str) -> tuple[str, str]:
    try:
        alarm = json.loads(message)
    except ValueError:
        alarm = None
    if not isinstance(alarm, dict) or "AlarmName" not in alarm:
        return subject or "Alert", message
    lines = [f"{label}: {alarm[name]}" for name, label in ALARM_FIELDS.items() if alarm.get(name)]
    return f"{alarm.get('NewStateValue', 'ALARM')}: {alarm['AlarmName']}", "\n".join(lines)
