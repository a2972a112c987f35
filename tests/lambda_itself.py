"""What Lambda does in a function's name, by its source: no call of the function's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra.functions import Function

ALWAYS = {"logs:CreateLogStream", "logs:PutLogEvents"}
TRACING = {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}
POLLING_A_QUEUE = {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}
POLLING_A_TABLE = {
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
}
POLLING_KINESIS = {
    "kinesis:DescribeStream",
    "kinesis:DescribeStreamSummary",
    "kinesis:GetRecords",
    "kinesis:GetShardIterator",
    "kinesis:ListShards",
    "kinesis:ListStreams",
}


def does(function: Function) -> set[tuple[str, str]]:
    """(action, part of the resource's name) of what Lambda needs the function's role to allow.

    https://docs.aws.amazon.com/lambda/latest/dg/lambda-permissions.html
    """
    needed = {(action, "") for action in ALWAYS}
    if function.is_traced:
        needed |= {(action, "") for action in TRACING}
    if function.queue:
        needed |= {(action, function.queue) for action in POLLING_A_QUEUE}
    if function.stream:
        needed |= {(action, "") for action in POLLING_A_TABLE} | {("sqs:SendMessage", "streams-dlq")}
    if function.kinesis:
        needed |= {(action, "") for action in POLLING_KINESIS} | {("sqs:SendMessage", "streams-dlq")}
    if function.asynchronous:
        needed |= {("sqs:SendMessage", "invocations-dlq")}
    return needed
