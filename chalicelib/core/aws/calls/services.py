"""The services that are called without botocore, and of each the operations that are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from chalicelib.core.aws.calls.json_protocol import JsonProtocol

if TYPE_CHECKING:
    from chalicelib.core.aws.calls.messages import Request, Response


class WireProtocol(Protocol):
    """How the operations of a service are written and read."""

    def request(self, operation: str, params: dict[str, Any]) -> Request: ...
    def refusal(self, response: Response) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Service:
    """One service, by botocore's name of it. `host` is the first label of its hosts, and `variable` the end of the
    variable that names another endpoint; its lower case is the service in botocore's events."""

    name: str
    variable: str
    host: str
    signed_as: str
    protocol: WireProtocol
    operations: frozenset[str]

    @property
    def in_events(self) -> str:
        return self.variable.lower().replace("_", "-")


SERVICES = {
    service.name: service
    for service in (
        Service(
            "dynamodb",
            "DYNAMODB",
            "dynamodb",
            "dynamodb",
            JsonProtocol("DynamoDB_20120810", "1.0"),
            frozenset(
                {
                    *("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"),
                    *("BatchGetItem", "BatchWriteItem", "TransactWriteItems"),
                }
            ),
        ),
        Service(
            "sqs",
            "SQS",
            "sqs",
            "sqs",
            # Errors keep the codes that they had before SQS spoke JSON.
            JsonProtocol("AmazonSQS", "1.0", **{"x-amzn-query-mode": "true"}),
            frozenset({"SendMessage", "SendMessageBatch", "DeleteMessageBatch", "GetQueueAttributes"}),
        ),
        Service(
            "secretsmanager",
            "SECRETS_MANAGER",
            "secretsmanager",
            "secretsmanager",
            JsonProtocol("secretsmanager", "1.1"),
            frozenset({"GetSecretValue", "PutSecretValue", "DescribeSecret", "UpdateSecretVersionStage"}),
        ),
        Service(
            "stepfunctions",
            "SFN",
            "states",
            "states",
            JsonProtocol("AWSStepFunctions", "1.0"),
            frozenset({"StartExecution", "DescribeExecution"}),
        ),
    )
}
