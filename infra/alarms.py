"""The alarms. Each goes to the topic `ops-alerts` and says in its description what to do first.

`docs/operations.md` has a row for each of them. Which a stage has, its setting `ALARMS` says: CloudWatch is paid by
the metric that an alarm looks at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core.aws.packing import SQS_DELAY_SECONDS
from infra.arns import log_group_name, logical
from infra.functions import BY_QUEUE

if TYPE_CHECKING:
    from infra.functions import Function
    from infra.stage import Stage

Resources = dict[str, Any]

NAMESPACE = "Rollcall"
"""Of the metrics that our own code counts (`core.logs`)."""

PERIOD_SECONDS = 300

API_P99_MILLISECONDS = 3000

ITERATOR_AGE_MILLISECONDS = 15 * 60 * 1000
"""A stream keeps 24 hours: a quarter of an hour behind is early enough to mend what blocks it."""

QUEUE_AGE_SECONDS = 15 * 60
"""A queue keeps 14 days; but whoever waits for a mail does not."""


FEW = frozenset(
    {
        "api-5xx",
        "api-p99",
        "api_handler-throttles",
        "dead-letters",
        "export-failed",
        "import-failed",
        "mail-age",
        "old-system-fails",
        "on_intent-iterator-age",
        "on_item_stream-iterator-age",
        "read-model-age",
        "read-model-lag",
        "unpublished-changes",
    }
)
"""What `ALARMS=few` has: no failure without one of these. Whatever fails for good ends in a dead-letter queue, a 5xx or
a failed execution. A stream that stands still shows as unpublished changes, but for that of intents, which become mails
and no events, and that of Kinesis, where there is one; where history does, the sweep fails. And of what is only late,
mail has somebody who waits for it, and a read model, where there is one, people who believe what they see there."""


def resources(stage: Stage, functions: tuple[Function, ...], api_name: str) -> Resources:
    every = _every(stage, functions, api_name)
    if stage.has_every_alarm:
        return every
    every["DeadLettersAlarm"] = _any_dead_letters(stage)
    selected = {stage.names.of(name) for name in FEW}
    return {name: alarm for name, alarm in every.items() if alarm["Properties"]["AlarmName"] in selected}


def _every(stage: Stage, functions: tuple[Function, ...], api_name: str) -> Resources:
    alarms: Resources = {}
    for function in functions:
        alarms |= _of_function(stage, function)
    for queue in stage.queues:
        alarms[f"{logical(queue)}AgeAlarm"] = _queue_age(stage, queue)
    for queue in stage.dead_letters:
        alarms[f"{logical(queue.removesuffix('-dlq'))}DeadLettersAlarm"] = _dead_letters(stage, queue)
    alarms["UnpublishedChangesAlarm"] = _alarm(
        stage,
        "unpublished-changes",
        "The sweep found changes that no stream had told of, and published the records as they are now. Read the logs "
        "of on_user_change and its like for what held the stream up; if for more than two hours, invoke reconcile.",
        NAMESPACE,
        "OldestUnpublished",
        {"stage": stage.name},
        statistic="Maximum",
        threshold=0,
    )
    if stage.settings.get("MIGRATION"):
        alarms["OldSystemAlarm"] = _alarm(
            stage,
            "old-system-fails",
            "The old system of MIGRATION gives no verdict on passwords, so nobody comes in for the first time but by a "
            "reset. Search the API's log for lines `the old system gave no verdict`, which say why.",
            NAMESPACE,
            "MigrationFailures",
            {"stage": stage.name},
            threshold=2,
        )
    if stage.read_model:
        alarms["ReadModelLagAlarm"] = _alarm(
            stage,
            "read-model-lag",
            "The read model is behind, so searches, segments and SQL show what was. See docs/read-model.md. Read the "
            f"log group {log_group_name(stage.names, 'on_read_model')}: does the database answer, or is it busy?",
            NAMESPACE,
            "ReadModelLag",
            {"stage": stage.name},
            statistic="Maximum",
            threshold=QUEUE_AGE_SECONDS,
        )
    api = {"ApiName": api_name, "Stage": "api"}
    alarms["ApiLatencyAlarm"] = _alarm(
        stage,
        "api-p99",
        "One request in a hundred takes too long. Search the API's log for lines `request` by route and milliseconds, "
        "then look at the throttles of the tables.",
        "AWS/ApiGateway",
        "Latency",
        api,
        extended="p99",
        threshold=API_P99_MILLISECONDS,
        periods=3,
    )
    alarms["ApiErrorsAlarm"] = _alarm(
        stage,
        "api-5xx",
        "The API answers with server errors. Search its log for level ERROR; the response's X-Request-Id is there.",
        "AWS/ApiGateway",
        "5XXError",
        api,
        threshold=0,
    )
    for state_machine in ("import", "export"):
        alarms[f"{state_machine.capitalize()}MachineAlarm"] = _alarm(
            stage,
            f"{state_machine}-failed",
            f"An {state_machine} failed. Its job, GET /{state_machine}s/{{id}}, holds the reason.",
            "AWS/States",
            "ExecutionsFailed",
            {"StateMachineArn": {"Ref": f"{state_machine.capitalize()}Machine"}},
            threshold=0,
        )
    return alarms


def _of_function(stage: Stage, function: Function) -> Resources:
    log = log_group_name(stage.names, function.name)
    dimensions, title = {"FunctionName": log.rpartition("/")[2]}, logical(function.name)
    alarms = {
        f"{title}ErrorsAlarm": _alarm(
            stage,
            f"{function.name}-errors",
            f"The function failed. Read the lines of level ERROR in the log group {log}. A consumer that fails gets "
            "the same records again.",
            "AWS/Lambda",
            "Errors",
            dimensions,
            threshold=5,
        )
    }
    if function.name == "api_handler":
        # Every other source tries again what was throttled, and shows as a stream's or a queue's age.
        alarms[f"{title}ThrottlesAlarm"] = _alarm(
            stage,
            f"{function.name}-throttles",
            "Requests were refused, because the account's or the function's concurrency is used up. Look at it in "
            "Service Quotas, and find the function that takes it.",
            "AWS/Lambda",
            "Throttles",
            dimensions,
            threshold=5,
        )
    if function.stream or function.kinesis:
        alarms[f"{title}IteratorAgeAlarm"] = _alarm(
            stage,
            f"{function.name}-iterator-age",
            "The stream is not kept up with, or a record blocks it; it keeps 24 hours. Read the lines `batch must come "
            f"again` in the log group {log}.",
            "AWS/Lambda",
            "IteratorAge",
            dimensions,
            statistic="Maximum",
            threshold=ITERATOR_AGE_MILLISECONDS,
        )
    return alarms


def _queue_age(stage: Stage, queue: str) -> dict[str, Any]:
    log = log_group_name(stage.names, BY_QUEUE[queue].name)
    return _alarm(
        stage,
        f"{queue}-age",
        "A message has been waiting for long: its consumer keeps failing, or cannot keep up. Read the lines `batch "
        f"must come again` in the log group {log}.",
        "AWS/SQS",
        "ApproximateAgeOfOldestMessage",
        {"QueueName": stage.names.of(queue)},
        statistic="Maximum",
        # The next attempts of deliveries are held back by it.
        threshold=QUEUE_AGE_SECONDS + (SQS_DELAY_SECONDS if queue == "deliveries" else 0),
    )


def _dead_letters(stage: Stage, queue: str) -> dict[str, Any]:
    return _alarm(
        stage,
        f"{queue}-not-empty",
        "Something could not be processed, and is kept. See what and why: "
        f"rollcall dead-letters list --stage {stage.name}. Mend the cause, then: "
        f"rollcall dead-letters redrive {queue.removesuffix('-dlq')} --stage {stage.name}.",
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        {"QueueName": stage.names.of(queue)},
        statistic="Maximum",
        threshold=0,
    )


def _any_dead_letters(stage: Stage) -> dict[str, Any]:
    """One alarm over all dead-letter queues: an expression over as many as ten metrics, each paid like an alarm of its
    own: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-limits.html

    A queue that was not used for six hours has no data at all, which counts as none waiting."""
    alarm = _alarm(
        stage,
        "dead-letters",
        "Something could not be processed, and is kept. See what, where and why: "
        f"rollcall dead-letters list --stage {stage.name}. Mend the cause, then: "
        f"rollcall dead-letters redrive QUEUE --stage {stage.name}.",
        "",
        "",
        {},
        threshold=0,
    )
    looked_at = {"Namespace", "MetricName", "Dimensions", "Statistic", "Period"}
    notification = {name: value for name, value in alarm["Properties"].items() if name not in looked_at}
    waiting = [
        {
            "Id": f"m{number}",
            "ReturnData": False,
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/SQS",
                    "MetricName": "ApproximateNumberOfMessagesVisible",
                    "Dimensions": [{"Name": "QueueName", "Value": stage.names.of(queue)}],
                },
                "Period": PERIOD_SECONDS,
                "Stat": "Maximum",
            },
        }
        for number, queue in enumerate(stage.dead_letters)
    ]
    most = {
        "Id": "most",
        "Label": "Most in one queue",
        "Expression": "MAX(FILL(METRICS(), 0))",
        "ReturnData": True,
    }
    return {**alarm, "Properties": {**notification, "Metrics": [*waiting, most]}}


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
            "AlarmDescription": f"{description} More: docs/operations.md.",
            "Namespace": namespace,
            "MetricName": metric,
            "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
            **({"ExtendedStatistic": extended} if extended else {"Statistic": statistic}),
            "Period": PERIOD_SECONDS,
            "EvaluationPeriods": periods,
            "Threshold": threshold,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [{"Ref": "OpsAlertsTopic"}],
            "OKActions": [{"Ref": "OpsAlertsTopic"}],
        },
    }
