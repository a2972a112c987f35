"""How a stage is doing: queues by SQS, the last hour by CloudWatch, alarms, what is deployed and what it costs idle."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.about import VERSION
from chalicelib.core import clock
from chalicelib.core.aws import clients
from chalicelib.core.aws.parallel import in_parallel
from chalicelib.core.settings import settings
from chalicelib.operations import stage_map
from chalicelib.operations.alarms import alarm_states
from chalicelib.operations.holding import counts
from chalicelib.operations.metrics import WINDOW_SECONDS, Measured, Metric, measure

NO_DATA = "null: CloudWatch has no data of it in this hour, as nothing of it happened, or it is not measured here"

CALLS_AT_ONCE = 8


def figures() -> dict[str, Any]:
    """All of it, as `GET /operations` answers it."""
    dead_letters = stage_map.names("dead_letters")
    queues = (*stage_map.names("queue"), *dead_letters)
    counted = dict(zip(queues, in_parallel(counts, queues, CALLS_AT_ONCE), strict=True))
    wanted = _wanted()
    measured = measure(metric for of_node in wanted.values() for metric in of_node.values())

    def seen(kind: str) -> list[dict[str, Any]]:
        return [
            {"id": f"{kind}:{name}", "name": name, **_rounded(wanted[f"{kind}:{name}"], measured)}
            for name in stage_map.names(kind)
        ]

    held = {queue: sum(counted[queue].values()) for queue in dead_letters}
    return {
        "as_of": clock.timestamp(),
        "window_seconds": WINDOW_SECONDS,
        "no_data": NO_DATA,
        "api": _rounded(wanted["http:requests"], measured),
        "queues": [
            {**queue, **counted[queue["name"]], "dead_letters": held[f"{queue['name']}-dlq"]}
            for queue in seen("queue")
        ],
        "dead_letters": [
            {"id": f"queue:{queue}", "name": queue.removesuffix("-dlq"), "count": held[queue]}
            for queue in dead_letters
        ],
        "functions": seen("function"),
        "topics": seen("topic"),
        "tables": seen("table"),
        "alarms": alarm_states(),
        "version": _version(),
        "idle_cost": _idle_cost(),
    }


def _rounded(wanted: dict[str, Metric], measured: Measured) -> dict[str, float | None]:
    values = {name: measured[metric] for name, metric in wanted.items()}
    return {name: None if value is None else round(value, 1) for name, value in values.items()}


def _wanted() -> dict[str, dict[str, Metric]]:
    """The metrics of each part, by the names of its figures.

    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    """
    wanted = {"http:requests": _of_api()}
    for kind, of in (("function", _of_function), ("queue", _of_queue), ("topic", _of_topic), ("table", _of_table)):
        wanted |= {f"{kind}:{name}": of(stage_map.aws_name(kind, name) or "") for name in stage_map.names(kind)}
    for edge in stage_map.edges():
        if edge["kind"] == "triggers" and edge["source"].partition(":")[0] in {"table", "kinesis"}:
            dimensions = wanted[edge["target"]]["errors"].dimensions
            wanted[edge["target"]]["iterator_age_ms"] = Metric(
                "AWS/Lambda", "IteratorAge", dimensions, "Maximum", latest=True
            )
    return wanted


def _of_api() -> dict[str, Metric]:
    dimensions = (("ApiName", settings().names.api), ("Stage", "api"))
    sums = {"requests": "Count", "client_errors": "4XXError", "server_errors": "5XXError"}
    return {
        **{figure: Metric("AWS/ApiGateway", name, dimensions) for figure, name in sums.items()},
        **{f"{stat}_ms": Metric("AWS/ApiGateway", "Latency", dimensions, stat) for stat in ("p50", "p99")},
    }


def _of_function(name: str) -> dict[str, Metric]:
    dimensions = (("FunctionName", name),)
    durations = {"p50_ms": "p50", "p99_ms": "p99", "max_ms": "Maximum"}
    return {
        **{
            each.lower(): Metric("AWS/Lambda", each, dimensions) for each in ("Invocations", "Errors", "Throttles")
        },
        **{figure: Metric("AWS/Lambda", "Duration", dimensions, stat) for figure, stat in durations.items()},
    }


def _of_queue(name: str) -> dict[str, Metric]:
    dimensions = (("QueueName", name),)
    return {
        "oldest_seconds": Metric("AWS/SQS", "ApproximateAgeOfOldestMessage", dimensions, "Maximum", latest=True),
        "sent": Metric("AWS/SQS", "NumberOfMessagesSent", dimensions),
        "done": Metric("AWS/SQS", "NumberOfMessagesDeleted", dimensions),
    }


def _of_topic(name: str) -> dict[str, Metric]:
    dimensions = (("TopicName", name),)
    return {
        "published": Metric("AWS/SNS", "NumberOfMessagesPublished", dimensions),
        "failed": Metric("AWS/SNS", "NumberOfNotificationsFailed", dimensions),
    }


def _of_table(name: str) -> dict[str, Metric]:
    dimensions = (("TableName", name),)
    return {
        "written_units": Metric("AWS/DynamoDB", "ConsumedWriteCapacityUnits", dimensions),
        "read_throttles": Metric("AWS/DynamoDB", "ReadThrottleEvents", dimensions),
        "write_throttles": Metric("AWS/DynamoDB", "WriteThrottleEvents", dimensions),
    }


def _version() -> dict[str, Any]:
    function = clients.client("lambda").get_function_configuration(FunctionName=settings().names.api)
    return {
        "version": VERSION,
        "runtime": function.get("Runtime"),
        "deployed_at": clock.timestamp(clock.parse(function["LastModified"])),
    }


def _idle_cost() -> dict[str, Any] | None:
    """What a month costs while nobody uses the stage, as its template was priced; None where none was."""
    if not settings().idle_costs:
        return None
    priced: dict[str, list[float]] = json.loads(settings().idle_costs)
    lines = [{"what": what, "count": count, "dollars": dollars} for what, (count, dollars) in priced.items()]
    return {"dollars": round(sum(dollars for _, dollars in priced.values()), 2), "lines": lines}
