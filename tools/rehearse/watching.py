"""What the stage reports about itself: refused permissions, dead letters, alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core.names import DEAD_LETTERS
from infra.arns import log_group_name
from infra.functions import in_stage
from tools.rehearse.listening import heard
from tools.rehearse.people import FAILURES
from tools.rehearse.steps import Failed, step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.rehearse.context import Rehearsal, Sizes
    from tools.rehearse.steps import Evidence

DENIED = '?AccessDenied ?"not authorized to perform"'
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html"""

OUR_REQUESTS = '{ $.message = "request" && $.service = "rollcall" }'
LAMBDAS_OWN = '{ $.type = "platform.start" || $.type = "platform.report" }'
"""https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html"""

OUTRAN = '"failed sign-in outran its floor"'

SHOWN = 3
"""The most log lines of one function in the evidence."""

POISON = "this is no event"


def _logs(sizes: Sizes) -> Mapping[str, float]:
    return {"scanned log GB": 2e-7 * sizes.import_rows + 0.05}


@step(
    needs=("deploying",), minutes=1, uses=_logs, look="infra/policies.py, by the function and action in the lines"
)
def no_permission_is_missing(rehearsal: Rehearsal) -> Evidence:
    """No function was refused anything.

    The logs of all functions, since the first deployment, have no AccessDenied.
    """
    logs = rehearsal.client("logs")
    denied: dict[str, dict[str, Any]] = {}
    functions = in_stage(rehearsal.stage)
    for function in functions:
        result_pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=log_group_name(rehearsal.names, function.name), filterPattern=DENIED
        )
        lines = [event["message"] for result_page in result_pages for event in result_page["events"]]
        if lines:
            denied[function.name] = {"count": len(lines), "first": lines[:SHOWN]}
    if denied:
        raise Failed(f"refused: {', '.join(denied)}", **denied)
    return {"functions": len(functions), "refused": 0}


@step(
    needs=("administrator",),
    minutes=1,
    uses=_logs,
    aws_only="the local cloud logs in its own way, whatever the format of a function's logs is",
    look="infra/template.py, the log format of functions; chalicelib/core/logs.py",
)
def logs_are_ours(rehearsal: Rehearsal) -> Evidence:
    """The API's log has our lines as they were written, and none of Lambda's about what went well.

    CloudWatch finds the members of a line by their names, and Lambda adds no line for each invocation.
    """

    def lines(pattern: str) -> list[str]:
        result_pages = (
            rehearsal.client("logs")
            .get_paginator("filter_log_events")
            .paginate(logGroupName=log_group_name(rehearsal.names, "api_handler"), filterPattern=pattern)
        )
        return [event["message"] for result_page in result_pages for event in result_page["events"]]

    ours = rehearsal.until(lambda: lines(OUR_REQUESTS), "the log line of a request", 3)
    if theirs := lines(LAMBDAS_OWN):
        raise Failed("Lambda logs each invocation", count=len(theirs), first=theirs[:SHOWN])
    return {"requests": len(ours)}


@step(needs=("a-false-password",), minutes=1, look="docs/passwords.md, the floor of a failed sign-in")
def the_floor_holds(rehearsal: Rehearsal) -> Evidence:
    """A failed sign-in takes no longer than its floor.

    An execution's first may, while it loads. If each did, hashes would take longer on Lambda than they are reckoned to.
    """
    result_pages = (
        rehearsal.client("logs")
        .get_paginator("filter_log_events")
        .paginate(logGroupName=log_group_name(rehearsal.names, "api_handler"), filterPattern=OUTRAN)
    )
    lines = [event["message"] for result_page in result_pages for event in result_page["events"]]
    if len(lines) >= FAILURES:
        raise Failed("each failed sign-in took longer than its floor", first=lines[:SHOWN])
    return {"outran": len(lines)}


@step(needs=("deploying",), look="rollcall dead-letters list --stage …")
def no_dead_letters(rehearsal: Rehearsal) -> Evidence:
    """Nothing ended as a dead letter.

    All dead-letter queues are empty, but that of mail where SES cannot send.
    """
    counts = {queue: _letters(rehearsal, queue) for queue in DEAD_LETTERS}
    expected = {"mail-dlq"} if not rehearsal.can_mail else set()
    unexpected = {queue: count for queue, count in counts.items() if count and queue not in expected}
    if unexpected:
        raise Failed(f"dead letters: {', '.join(unexpected)}", **unexpected)
    return {"queues": len(counts), "unsendable_mails": counts["mail-dlq"]}


@step(needs=("no-dead-letters",), minutes=1, look="the log group of on_history")
def a_poisoned_message(rehearsal: Rehearsal) -> Evidence:
    """A message that makes no sense becomes a dead letter.

    At once, without being tried again, and its neighbours are not held up.
    """
    sqs = rehearsal.client("sqs")
    sqs.send_message(QueueUrl=_url(rehearsal, "history"), MessageBody=POISON)
    rehearsal.until(lambda: _letters(rehearsal, "history-dlq"), "a dead letter", 4)
    return {"queue": "history-dlq"}


ALARMS = ("history-dlq-not-empty", "dead-letters")
"""The alarm of the queue, where a stage has an alarm for each queue, or the alarm of all queues together."""


@step(
    needs=("a-poisoned-message", "subscribing"), minutes=1, look="the alarm's history in the console of CloudWatch"
)
def an_alarm(rehearsal: Rehearsal) -> Evidence:
    """The alarm of dead letters reaches who listens.

    The alarm is set as CloudWatch would within its five minutes; it publishes to the topic, whose key it may use.
    """
    cloudwatch = rehearsal.client("cloudwatch")
    alarms = cloudwatch.describe_alarms(AlarmNames=[rehearsal.names.of(alarm) for alarm in ALARMS])["MetricAlarms"]
    if not alarms:
        raise Failed("the stage has no alarm of dead letters", "infra/alarms.py")
    name = alarms[0]["AlarmName"]
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="The rehearsal's poisoned message.")
    alarm = rehearsal.until(
        lambda: heard(
            rehearsal,
            "heard-alerts",
            lambda notification: (
                (notification.get("AlarmName"), notification.get("NewStateValue")) == (name, "ALARM")
            ),
        ),
        "the alarm on the topic ops-alerts",
        3,
    )
    rehearsal.client("sqs").purge_queue(QueueUrl=_url(rehearsal, "history-dlq"))
    return {"alarm": alarm["AlarmName"], "state": alarm["NewStateValue"]}


def _url(rehearsal: Rehearsal, queue: str) -> str:
    return str(rehearsal.client("sqs").get_queue_url(QueueName=rehearsal.names.of(queue))["QueueUrl"])


def _letters(rehearsal: Rehearsal, queue: str) -> int:
    attribute_names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes: dict[str, Any] = rehearsal.client("sqs").get_queue_attributes(
        QueueUrl=_url(rehearsal, queue), AttributeNames=attribute_names
    )["Attributes"]
    return sum(int(attributes[name]) for name in attribute_names)
