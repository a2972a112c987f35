"""What each function may do: one least-privilege policy each, as one page.

Every action is named; none holds a wildcard. Resources are named too, but for the few actions for which IAM knows no
resource (`WITHOUT_RESOURCES`). What a source needs follows from `infra.functions`; the rest is written here, and a
test holds it to exactly what the functions were seen to call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.arns import Arns
from infra.functions import Function, in_stage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra.stage import Stage

WITHOUT_RESOURCES = {
    "dynamodb:ListStreams": "lists streams, so it is about no particular one",
    "kinesis:ListStreams": "lists streams, so it is about no particular one",
    "xray:PutTelemetryRecords": "X-Ray has no resources for segments and telemetry",
    "xray:PutTraceSegments": "X-Ray has no resources for segments and telemetry",
}
"""Actions that IAM cannot tie to a resource, and why: they alone are granted on `*`."""


@dataclass(frozen=True)
class Allow:
    """Some actions on some resources (texts with pseudo parameters, see `infra.arns`)."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]


def document(stage: Stage, function: Function) -> dict[str, Any]:
    """The function's whole policy document, with pseudo parameters in its resources."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": list(allow.actions), "Resource": list(allow.resources)}
            for allow in statements(stage, function)
        ],
    }


def statements(stage: Stage, function: Function) -> list[Allow]:
    arns = Arns(stage.names)
    return [*_logs_and_traces(arns, function), *_source(arns, function), *_work(arns)[function.name]]


def all_documents(stage: Stage) -> dict[str, dict[str, Any]]:
    """Every function's policy, by the function's name."""
    return {function.name: document(stage, function) for function in in_stage(kinesis=stage.kinesis)}


def _logs_and_traces(arns: Arns, function: Function) -> Iterable[Allow]:
    yield Allow(("logs:CreateLogStream", "logs:PutLogEvents"), (arns.log_group(function.name),))
    yield Allow(("xray:PutTraceSegments", "xray:PutTelemetryRecords"), ("*",))


def _source(arns: Arns, function: Function) -> Iterable[Allow]:
    """What Lambda's poller does in the function's name, and where what cannot be processed goes."""
    if function.queue:
        queue = arns.queue(function.queue)
        yield Allow(("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"), (queue,))
        yield Allow(("sqs:SendMessage",), (arns.queue(f"{function.queue}-dlq"),))
    if function.stream:
        yield Allow(
            ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"),
            (arns.stream(function.stream),),
        )
        yield Allow(("dynamodb:ListStreams",), ("*",))
        yield Allow(("sqs:SendMessage",), (arns.queue("streams-dlq"),))
    if function.kinesis:
        reading = (
            "kinesis:DescribeStream",
            "kinesis:DescribeStreamSummary",
            "kinesis:GetRecords",
            "kinesis:GetShardIterator",
            "kinesis:ListShards",
        )
        yield Allow(reading, (arns.kinesis(function.kinesis),))
        yield Allow(("kinesis:ListStreams",), ("*",))
        yield Allow(("sqs:SendMessage",), (arns.queue("streams-dlq"),))
    if function.asynchronous:
        yield Allow(("sqs:SendMessage",), (arns.queue("invocations-dlq"),))


class _Work:
    """Shorthand for what a function's own code calls."""

    def __init__(self, arns: Arns) -> None:
        self._arns = arns

    def table(self, name: str, *operations: str) -> Allow:
        return Allow(tuple(f"dynamodb:{operation}" for operation in operations), (self._arns.table(name),))

    def index(self, table: str, index: str) -> Allow:
        return Allow(("dynamodb:Query",), (self._arns.index(table, index),))

    def send(self, *queues: str) -> Allow:
        return Allow(("sqs:SendMessage",), tuple(self._arns.queue(queue) for queue in queues))

    def publish(self) -> Allow:
        return Allow(("sns:Publish",), (self._arns.topic("user-events"),))

    def secret(self, *names: str) -> Allow:
        return Allow(("secretsmanager:GetSecretValue",), tuple(self._arns.secret(name) for name in names))

    def objects(self, bucket: str, objects: str, *operations: str) -> Allow:
        return Allow(tuple(f"s3:{operation}" for operation in operations), (self._arns.bucket(bucket, objects),))

    def mail(self) -> Allow:
        return Allow(("ses:SendEmail",), (self._arns.mail_identity(), self._arns.mail_configuration()))


def _work(arns: Arns) -> dict[str, list[Allow]]:
    return {function.name: [] for function in in_stage(kinesis=True)}
