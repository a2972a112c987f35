"""The alarms of a stage, and the state that each is in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.core.settings import settings
from chalicelib.operations import stage_map

AT_ONCE = 100
"""The most alarms of one call:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html"""


def alarm_states() -> list[dict[str, Any]]:
    """Every alarm that this stage has: `name`, `about` (the part's id), `state` (`ok`, `alarm`, `insufficient_data`),
    `since`, `reason`, and what to do in `description`. Those that go off come first."""
    about = stage_map.alarms()
    names = {settings().names.of(name): name for name in about}
    found = [
        {"name": names[alarm["AlarmName"]], "about": about[names[alarm["AlarmName"]]], **_state(alarm)}
        for alarm in _described(sorted(names))
    ]
    return sorted(found, key=lambda alarm: (alarm["state"] != "alarm", alarm["name"]))


def _described(names: list[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for start in range(0, len(names), AT_ONCE):
        request: dict[str, Any] = {"AlarmNames": names[start : start + AT_ONCE], "MaxRecords": AT_ONCE}
        while True:
            answer = clients.client("cloudwatch").describe_alarms(**request)
            found += answer.get("MetricAlarms", [])
            if not answer.get("NextToken"):
                break
            request["NextToken"] = answer["NextToken"]
    return found


def _state(alarm: dict[str, Any]) -> dict[str, Any]:
    return {
        "state": alarm["StateValue"].lower(),
        "since": _time(alarm.get("StateTransitionedTimestamp", alarm.get("StateUpdatedTimestamp"))),
        "reason": alarm.get("StateReason", ""),
        "description": alarm.get("AlarmDescription", ""),
    }


def _time(moment: float | str | datetime | None) -> str | None:
    """A time as JSON or botocore gives it."""
    if moment is None:
        return None
    if isinstance(moment, datetime):
        return clock.timestamp(moment)
    return clock.timestamp(clock.parse(moment)) if isinstance(moment, str) else clock.timestamp_of(int(moment))
