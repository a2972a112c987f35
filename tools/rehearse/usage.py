"""The usage that CloudWatch counted, times list prices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from infra.functions import in_stage
from infra.tables import SPECS
from tools.rehearse import costs
from tools.rehearse.steps import step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.rehearse.context import Rehearsal
    from tools.rehearse.steps import Evidence

AT_ONCE = 500
"""The most metrics of one request: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html"""

LOOKS_BACK = timedelta(hours=3)


@step(
    needs=("deploying",),
    minutes=0.5,
    aws_only="the local cloud counts no usage",
    look="the metrics of DynamoDB and Lambda in the console of CloudWatch",
)
def usage(rehearsal: Rehearsal) -> Evidence:
    """What was used so far, as AWS counts it.

    Write and read units of all tables and indexes, and the functions' time. The last five minutes are not counted
    yet; requests of other services cost cents.
    """
    requested = list(metrics(rehearsal))
    sums = dict.fromkeys((unit for unit, _, _ in requested), 0.0)
    client, now = rehearsal.client("cloudwatch"), datetime.now(UTC)
    for start in range(0, len(requested), AT_ONCE):
        batch = requested[start : start + AT_ONCE]
        queries = [{"Id": f"m{number}", "MetricStat": stat} for number, (_, stat, _) in enumerate(batch)]
        result_pages = client.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries, StartTime=now - LOOKS_BACK, EndTime=now
        )
        for result_page in result_pages:
            for metric_data in result_page["MetricDataResults"]:
                unit, _, factor = batch[int(metric_data["Id"][1:])]
                sums[unit] += factor * sum(metric_data["Values"])
    used = {unit: round(count, 3) for unit, count in sums.items()}
    return {**used, "dollars": round(costs.dollars(used), 4)}


def metrics(rehearsal: Rehearsal) -> Iterator[tuple[str, dict[str, Any], float]]:
    """The metrics that are counted: the unit of `costs.PRICES`, the metric, and the factor from the metric to that
    unit."""
    for spec in SPECS:
        table = {"TableName": rehearsal.names.of(spec.name)}
        for index in (None, *(index.name for index in spec.indexes)):
            dimensions = table | ({"GlobalSecondaryIndexName": index} if index else {})
            yield "write units", _stat("AWS/DynamoDB", "ConsumedWriteCapacityUnits", dimensions), 1
            yield "read units", _stat("AWS/DynamoDB", "ConsumedReadCapacityUnits", dimensions), 1
    for function in in_stage(rehearsal.stage):
        name = rehearsal.names.api if function.name == "api_handler" else rehearsal.names.of(function.name)
        of_function = {"FunctionName": name}
        # A duration is in milliseconds, and memory in MB.
        yield "lambda GB-seconds", _stat("AWS/Lambda", "Duration", of_function), function.memory / 1024 / 1000
        yield "lambda requests", _stat("AWS/Lambda", "Invocations", of_function), 1


def _stat(namespace: str, name: str, dimensions: dict[str, str]) -> dict[str, Any]:
    named_dimensions = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    return {
        "Metric": {"Namespace": namespace, "MetricName": name, "Dimensions": named_dimensions},
        "Period": 300,
        "Stat": "Sum",
    }
