"""Log groups, alarms and the dashboard, as CloudFormation resources. Alarms go to the topic `ops-alerts`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chalicelib.core.names import PARKED, QUEUES
from infra.arns import log_group_name, logical
from infra.functions import Function, in_stage

if TYPE_CHECKING:
    from infra.stage import Stage

Resources = dict[str, Any]

LOG_DAYS = 90
API_P99_MILLISECONDS = 3000
ITERATOR_AGE_MILLISECONDS = 15 * 60 * 1000
"""A stream keeps 24 hours: a quarter of an hour behind is early enough to mend what blocks it."""

NAMESPACE = "Rollcall"


def resources(stage: Stage, api_name: str) -> Resources:
    functions = in_stage(kinesis=stage.kinesis)
    made: Resources = {}
    for function in functions:
        made[f"{logical(function.name)}Logs"] = {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {
                "LogGroupName": log_group_name(stage.names, function.name),
                "RetentionInDays": LOG_DAYS,
            },
        }
        made |= _function_alarms(stage, function)
    for queue in (*(f"{name}-dlq" for name in QUEUES), *PARKED):
        made[f"{logical(queue.removesuffix('-dlq'))}DeadLettersAlarm"] = _alarm(
            stage,
            f"{queue}-not-empty",
            "Something could not be processed and waits to be looked at and redriven.",
            "AWS/SQS",
            "ApproximateNumberOfMessagesVisible",
            {"QueueName": stage.names.of(queue)},
            statistic="Maximum",
            threshold=0,
        )
    made["ApiLatencyAlarm"] = _alarm(
        stage,
        "api-p99",
        "One request in a hundred takes too long.",
        "AWS/ApiGateway",
        "Latency",
        {"ApiName": api_name, "Stage": "api"},
        extended="p99",
        threshold=API_P99_MILLISECONDS,
        periods=3,
    )
    made["ApiErrorsAlarm"] = _alarm(
        stage,
        "api-5xx",
        "The API answers with server errors.",
        "AWS/ApiGateway",
        "5XXError",
        {"ApiName": api_name, "Stage": "api"},
        threshold=0,
    )
    for machine in ("import", "export"):
        made[f"{machine.capitalize()}MachineAlarm"] = _alarm(
            stage,
            f"{machine}-failed",
            f"An {machine} failed; its job holds the reason.",
            "AWS/States",
            "ExecutionsFailed",
            {"StateMachineArn": {"Ref": f"{machine.capitalize()}Machine"}},
            threshold=0,
        )
    made["Dashboard"] = {
        "Type": "AWS::CloudWatch::Dashboard",
        "Properties": {
            "DashboardName": stage.names.api,
            "DashboardBody": {"Fn::Sub": json.dumps(_dashboard(stage, functions, api_name))},
        },
    }
    return made


def _function_alarms(stage: Stage, function: Function) -> Resources:
    dimensions = {"FunctionName": log_group_name(stage.names, function.name).rpartition("/")[2]}
    title = logical(function.name)
    made = {
        f"{title}ErrorsAlarm": _alarm(
            stage,
            f"{function.name}-errors",
            "The function failed: its log says why.",
            "AWS/Lambda",
            "Errors",
            dimensions,
            threshold=5,
        )
    }
    if function.name == "api_handler":
        # Every other source tries again what was throttled, and shows as a stream's or a queue's age.
        made[f"{title}ThrottlesAlarm"] = _alarm(
            stage,
            f"{function.name}-throttles",
            "The account's or the function's concurrency is used up.",
            "AWS/Lambda",
            "Throttles",
            dimensions,
            threshold=5,
        )
    if function.stream or function.kinesis:
        made[f"{title}IteratorAgeAlarm"] = _alarm(
            stage,
            f"{function.name}-iterator-age",
            "The stream is not being kept up with, or a record blocks it.",
            "AWS/Lambda",
            "IteratorAge",
            dimensions,
            statistic="Maximum",
            threshold=ITERATOR_AGE_MILLISECONDS,
        )
    return made


def _alarm(
    stage: Stage,
    name: str,
    description: str,
    namespace: str,
    metric: str,
    dimensions: dict[str, Any],
    *,
    threshold: float,
    statistic: str = "Sum",
    extended: str = "",
    periods: int = 1,
) -> dict[str, Any]:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": stage.names.of(name),
            "AlarmDescription": description,
            "Namespace": namespace,
            "MetricName": metric,
            "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
            **({"ExtendedStatistic": extended} if extended else {"Statistic": statistic}),
            "Period": 300,
            "EvaluationPeriods": periods,
            "Threshold": threshold,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [{"Ref": "OpsAlertsTopic"}],
            "OKActions": [{"Ref": "OpsAlertsTopic"}],
        },
    }


def _dashboard(stage: Stage, functions: tuple[Function, ...], api_name: str) -> dict[str, Any]:
    names = stage.names
    queues = [names.of(queue) for queue in QUEUES]
    streams = [names.of(function.name) for function in functions if function.stream]
    api = ["ApiName", api_name, "Stage", "api"]
    rows: list[tuple[str, list[list[Any]]]] = [
        (
            "1. Requests",
            [["AWS/ApiGateway", metric, *api] for metric in ("Count", "4XXError", "5XXError")],
        ),
        (
            "1. Request latency (p50, p99)",
            [["AWS/ApiGateway", "Latency", *api, {"stat": stat}] for stat in ("p50", "p99")],
        ),
        (
            "2. Streams: age of the oldest change",
            [["AWS/Lambda", "IteratorAge", "FunctionName", name, {"stat": "Maximum"}] for name in streams],
        ),
        (
            "2. Events published, parked, retried",
            [
                [{"expression": f"SEARCH('{{{NAMESPACE},stage,source}} stage=\"{stage.name}\"', 'Sum', 300)"}],
            ],
        ),
        (
            "3. Queues: messages waiting",
            [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", name] for name in queues],
        ),
        (
            "3. Queues: age of the oldest message",
            [["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", name] for name in queues],
        ),
        (
            "4. Consumers: errors",
            [
                ["AWS/Lambda", "Errors", "FunctionName", names.of(function.name)]
                for function in functions
                if function.queue
            ],
        ),
        (
            "4. Dead letters",
            [
                ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", names.of(queue)]
                for queue in (*(f"{name}-dlq" for name in QUEUES), *PARKED)
            ],
        ),
        (
            "5. Imports and exports",
            [
                [
                    "AWS/States",
                    metric,
                    "StateMachineArn",
                    "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:"
                    + names.of(machine),
                ]
                for machine in ("import", "export")
                for metric in ("ExecutionsSucceeded", "ExecutionsFailed")
            ],
        ),
        (
            "5. Mail: sent, bounced, complained",
            [["AWS/SES", metric] for metric in ("Send", "Bounce", "Complaint")],
        ),
    ]
    return {
        "widgets": [
            {
                "type": "metric",
                "x": 12 * (position % 2),
                "y": 6 * (position // 2),
                "width": 12,
                "height": 6,
                "properties": {
                    "title": title,
                    "region": "${AWS::Region}",
                    "metrics": metrics,
                    "stat": "Sum",
                    "period": 300,
                    "view": "timeSeries",
                },
            }
            for position, (title, metrics) in enumerate(rows)
        ]
    }
