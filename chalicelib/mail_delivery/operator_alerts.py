"""Alarms, from the topic `ops-alerts`, to the operators' mailboxes."""

from __future__ import annotations

from typing import Any

from chalicelib import mail
from chalicelib.core import logs, wire
from chalicelib.core.aws import batch
from chalicelib.core.errors import Malformed
from chalicelib.core.settings import settings

ALARM_FIELDS = {
    "AlarmDescription": "About",
    "NewStateValue": "State",
    "NewStateReason": "Reason",
    "StateChangeTime": "Since",
    "Region": "Region",
}
"""The fields of a CloudWatch alarm that are mailed, as in
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html"""


def mail_operators(event: dict[str, Any]) -> None:
    """Handle an SNS event of the topic `ops-alerts`: a CloudWatch alarm, or any text."""
    batch.from_source("aws:sns", settings().names.of("ops-alerts"), event, _alert, _describe)


def _describe(record: dict[str, Any]) -> Any:
    return {"message_id": record.get("Sns", {}).get("MessageId")}


def _alert(record: dict[str, Any]) -> None:
    notification = record["Sns"]
    subject, text = notification.get("Subject") or "Alert", notification["Message"]
    alarm = _alarm(text)
    if alarm:
        if _is_only_ok(alarm):
            logs.info("alarm is no news", alarm=alarm["AlarmName"])
            return
        subject, text = _subject_and_text(alarm)
    stage = settings().names.api
    mail.alert_operators(f"[{stage}] {subject}", text, key=notification["MessageId"])


def _alarm(message: str) -> dict[str, Any] | None:
    """The alarm in the message, if it is one."""
    try:
        alarm = wire.from_json(message)
    except Malformed:
        return None
    return alarm if isinstance(alarm, dict) and "AlarmName" in alarm else None


def _is_only_ok(alarm: dict[str, Any]) -> bool:
    """Whether an alarm is OK and was not in ALARM before. A new alarm begins as INSUFFICIENT_DATA, and runs its actions
    when it becomes OK: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html"""
    return alarm.get("NewStateValue") == "OK" and alarm.get("OldStateValue") != "ALARM"


def _subject_and_text(alarm: dict[str, Any]) -> tuple[str, str]:
    lines = [f"{label}: {alarm[name]}" for name, label in ALARM_FIELDS.items() if alarm.get(name)]
    return f"{alarm.get('NewStateValue', 'ALARM')}: {alarm['AlarmName']}", "\n".join(lines)
