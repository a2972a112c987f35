"""The dashboard: the flow from request to consumer, left to right.

Requests become table writes, these become events; then a row for each consumer with what came in, what is done, what
must come again, what is parked and how old the oldest is. Counts come from AWS's own metrics where it has them: these
cost nothing. With few alarms it shows the same flow by as many metrics as are free (`infra.costs`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core.names import PARKED, STATE_MACHINES
from infra.alarms import NAMESPACE, PERIOD_SECONDS
from infra.functions import BY_QUEUE

if TYPE_CHECKING:
    from chalicelib.core.names import Names
    from infra.functions import Function
    from infra.stage import Stage

Metric = list[Any]
Widget = dict[str, Any]

COLUMNS = 24
"""Of a dashboard: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html"""


def body(stage: Stage, functions: tuple[Function, ...], api_name: str) -> dict[str, Any]:
    """The dashboard's body, with pseudo parameters in it."""
    api = ["ApiName", api_name, "Stage", "api"]
    placed: list[Widget] = []
    top = 0
    for row in _every(stage, functions, api) if stage.has_every_alarm else _few(stage, api):
        width, height = COLUMNS // len(row), max(widget["height"] for widget in row)
        position = {"y": top, "width": width, "height": height}
        placed += [{**widget, **position, "x": width * n} for n, widget in enumerate(row)]
        top += height
    return {"widgets": placed}


def _every(stage: Stage, functions: tuple[Function, ...], api: list[str]) -> list[list[Widget]]:
    return [
        *_flow(stage, api),
        [_text("## Consumers: in → done, to come again, parked, oldest")],
        *(_consumer(stage, queue) for queue in stage.queues),
        *([[_lag(stage)]] if stage.read_model else []),
        [_text("## What it comes to")],
        *_effects(stage, functions),
    ]


def _few(stage: Stage, api: list[str]) -> list[list[Widget]]:
    names = stage.names
    waiting = ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName"]
    consumers = [
        [
            _graph(f"{queue}: in", [["AWS/SQS", "NumberOfMessagesSent", "QueueName", names.of(queue)]]),
            _graph(
                f"{queue}: done or parked", [["AWS/SQS", "NumberOfMessagesDeleted", "QueueName", names.of(queue)]]
            ),
            _graph(
                f"{queue}: in the dead-letter queue", [[*waiting, names.of(f"{queue}-dlq"), {"stat": "Maximum"}]]
            ),
            _graph(
                f"{queue}: oldest (seconds)",
                [_oldest("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", names.of(queue))],
            ),
        ]
        for queue in stage.queues
    ]
    return [
        [_requests(api), _latency(api), _iterator_ages(names)],
        [_unpublished(stage), _executions(names), _parked(names)],
        *consumers,
        *([[_lag(stage)]] if stage.read_model else []),
    ]


def _flow(stage: Stage, api: list[str]) -> list[list[Widget]]:
    """From request to event; below each step, how long it takes and what holds it up."""
    names = stage.names
    streams = [f"stream:{table}" for table in stage.streams]
    return [
        [
            _requests(api),
            _graph(
                "Table writes (units)",
                [_table(names, "ConsumedWriteCapacityUnits", table) for table in stage.streams],
            ),
            _graph("Events published", [_search(stage, "Published", "source")]),
        ],
        [
            _latency(api),
            _iterator_ages(names),
            _graph(
                "Streams: to come again, parked",
                [*_ours(stage, "Retried", streams), *_ours(stage, "Parked", streams)],
            ),
        ],
        [
            _graph(
                "Passwords unchecked: the breach service, the old system failed",
                [_of_stage(stage, "BreachServiceFailures"), _of_stage(stage, "MigrationFailures")],
            ),
            _graph("Sweep: changes found unpublished", [_search(stage, "Reconciled", "table")]),
            _unpublished(stage),
        ],
    ]


_ON = ("user_change", "session_change", "item_change", "job_change", "intent")
"""What consumes each of the streams that every stage has."""


def _consumer(stage: Stage, queue: str) -> list[Widget]:
    """What was received and deleted is done or parked."""
    name, handler = stage.names.of(queue), BY_QUEUE[queue].name
    hidden = {"visible": False}
    done: list[Metric] = [
        [{"expression": "deleted - FILL(parked, 0)", "label": "done"}],
        ["AWS/SQS", "NumberOfMessagesDeleted", "QueueName", name, {"id": "deleted", **hidden}],
        [NAMESPACE, "Parked", "stage", stage.name, "source", queue, {"id": "parked", **hidden}],
    ]
    waiting = ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName"]
    return [
        _text(f"### {queue}\n`{handler}`"),
        _graph(
            f"{queue}: in",
            [["AWS/SQS", "NumberOfMessagesSent", "QueueName", name], [*waiting, name, {"stat": "Maximum"}]],
        ),
        _graph(f"{queue}: done", done),
        _graph(f"{queue}: to come again", _ours(stage, "Retried", [queue])),
        _graph(
            f"{queue}: parked, in the dead-letter queue",
            [*_ours(stage, "Parked", [queue]), [*waiting, f"{name}-dlq", {"stat": "Maximum"}]],
        ),
        _graph(
            f"{queue}: oldest (seconds)", [_oldest("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", name)]
        ),
    ]


def _effects(stage: Stage, functions: tuple[Function, ...]) -> list[list[Widget]]:
    """What people and machines notice of it, and what failed."""
    names = stage.names
    failed = [
        [
            "AWS/Lambda",
            "Errors",
            "FunctionName",
            names.api if function.name == "api_handler" else names.of(function.name),
        ]
        for function in functions
    ]
    return [
        [
            _graph(
                "Mails sent, by template; times that one waited; what was asked for beyond the caps",
                [
                    _search(stage, "MailsSent", "template"),
                    _of_stage(stage, "MailsWaiting"),
                    _search(stage, "MailsCapped", "share", "by"),
                ],
            ),
            _graph("Mails, as SES reports", [_search(stage, "MailFeedback", "state")]),
            _graph("Webhooks: attempts, by outcome", [_search(stage, "Deliveries", "outcome")]),
        ],
        [
            _executions(names),
            _graph("Functions: errors", failed),
            _parked(names),
        ],
    ]


def _requests(api: list[str]) -> Widget:
    return _graph("Requests", [["AWS/ApiGateway", metric, *api] for metric in ("Count", "4XXError", "5XXError")])


def _latency(api: list[str]) -> Widget:
    return _graph(
        "Requests: milliseconds (p50, p99)",
        [["AWS/ApiGateway", "Latency", *api, {"stat": stat}] for stat in ("p50", "p99")],
    )


def _iterator_ages(names: Names) -> Widget:
    ages = [_oldest("AWS/Lambda", "IteratorAge", "FunctionName", names.of(f"on_{table}")) for table in _ON]
    return _graph("Streams: age of the oldest change (ms)", ages)


def _unpublished(stage: Stage) -> Widget:
    oldest = _oldest(NAMESPACE, "OldestUnpublished", "stage", stage.name)
    return _graph("Sweep: the oldest change found unpublished (seconds)", [oldest])


def _lag(stage: Stage) -> Widget:
    behind = _oldest(NAMESPACE, "ReadModelLag", "stage", stage.name)
    return _graph("Read model: behind by (seconds)", [behind])


def _executions(names: Names) -> Widget:
    arn = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:"
    executions: list[Metric] = [
        ["AWS/States", metric, "StateMachineArn", arn + names.of(name)]
        for name in STATE_MACHINES
        for metric in ("ExecutionsSucceeded", "ExecutionsFailed")
    ]
    return _graph("Imports and exports", executions)


def _parked(names: Names) -> Widget:
    parked: list[Metric] = [
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", names.of(queue), {"stat": "Maximum"}]
        for queue in PARKED
    ]
    return _graph("Dead letters of streams and invocations", parked)


def _table(names: Names, metric: str, table: str) -> Metric:
    return ["AWS/DynamoDB", metric, "TableName", names.of(table)]


def _oldest(namespace: str, metric: str, dimension: str, name: str) -> Metric:
    return [namespace, metric, dimension, name, {"stat": "Maximum"}]


def _of_stage(stage: Stage, metric: str) -> Metric:
    return [NAMESPACE, metric, "stage", stage.name]


def _ours(stage: Stage, metric: str, sources: list[str]) -> list[Metric]:
    return [[*_of_stage(stage, metric), "source", source] for source in sources]


def _search(stage: Stage, metric: str, *dimensions: str) -> Metric:
    """A metric of ours by each value of its dimensions that there is."""
    metrics = f'{{{",".join((NAMESPACE, "stage", *dimensions))}}} MetricName="{metric}" stage="{stage.name}"'
    return [{"expression": f"SEARCH('{metrics}', 'Sum', {PERIOD_SECONDS})"}]


def _graph(title: str, metrics: list[Metric]) -> Widget:
    properties = {
        "title": title,
        "region": "${AWS::Region}",
        "metrics": metrics,
        "stat": "Sum",
        "period": PERIOD_SECONDS,
        "view": "timeSeries",
    }
    return {"type": "metric", "height": 5, "properties": properties}


def _text(markdown: str) -> Widget:
    return {"type": "text", "height": 1, "properties": {"markdown": markdown}}
