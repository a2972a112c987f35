"""The services that are called without botocore, and of each the operations that are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from chalicelib.core.aws.calls.json_protocol import JsonProtocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.core.aws.calls.messages import Request, Response


class WireProtocol(Protocol):
    """How the operations of a service are written and read."""

    def request(self, operation: str, params: dict[str, Any]) -> Request: ...
    def refusal(self, response: Response) -> dict[str, Any]: ...


_TOKENS = dict.fromkeys(("TransactWriteItems", "PutSecretValue", "RotateSecret"), "ClientRequestToken")
"""Parameters by which a service applies a call once, however often it is sent."""


def _dynamodb() -> WireProtocol:
    return JsonProtocol("DynamoDB_20120810", "1.0", _TOKENS)


def _sqs() -> WireProtocol:
    # Errors keep the codes that they had before SQS spoke JSON.
    return JsonProtocol("AmazonSQS", "1.0", {}, **{"x-amzn-query-mode": "true"})


def _secrets() -> WireProtocol:
    return JsonProtocol("secretsmanager", "1.1", _TOKENS)


def _states() -> WireProtocol:
    return JsonProtocol("AWSStepFunctions", "1.0", {})


def _sns() -> WireProtocol:
    from chalicelib.core.aws.calls.query_protocol import QueryProtocol

    return QueryProtocol("2010-03-31")


def _ses() -> WireProtocol:
    from chalicelib.core.aws.calls.ses_protocol import SesProtocol

    return SesProtocol()


def _metrics() -> WireProtocol:
    return JsonProtocol("GraniteServiceVersion20100801", "1.0", {})


def _lambda() -> WireProtocol:
    from chalicelib.core.aws.calls.lambda_protocol import LambdaProtocol

    return LambdaProtocol()


def _s3() -> WireProtocol:
    from chalicelib.core.aws.calls.s3_protocol import S3Protocol

    return S3Protocol()


@dataclass(frozen=True)
class Service:
    """One service, by botocore's name of it. `host` is the first label of its hosts, and `variable` the end of the
    variable that names another endpoint; its lower case is the service in botocore's events."""

    name: str
    variable: str
    host: str
    signed_as: str
    protocol: Callable[[], WireProtocol]
    """What speaks with it, loaded when it is first needed."""
    operations: frozenset[str]
    parameters: frozenset[str] | None = None
    """Those that its operations are called with; None for any. A call with others goes through botocore."""

    def covers(self, operation: str, params: dict[str, Any]) -> bool:
        return operation in self.operations and (self.parameters is None or self.parameters >= params.keys())

    @property
    def in_events(self) -> str:
        return self.variable.lower().replace("_", "-")


_ITEMS = {"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"}
_BATCHES = {"BatchGetItem", "BatchWriteItem", "BatchExecuteStatement", "TransactWriteItems"}
_SENT = {"SendMessage", "SendMessageBatch", "DeleteMessageBatch", "GetQueueAttributes"}
_MESSAGES = frozenset(_SENT | {"ReceiveMessage", "ChangeMessageVisibilityBatch"})
_VALUES = {"GetSecretValue", "PutSecretValue", "DescribeSecret", "UpdateSecretVersionStage"}
_VERSIONS = frozenset(_VALUES | {"RotateSecret"})
_FUNCTIONS = frozenset({"Invoke", "GetFunctionConfiguration"})
_OF_FUNCTIONS = frozenset({"FunctionName", "Payload"})
_METRICS = frozenset({"GetMetricData", "DescribeAlarms"})
_EXECUTIONS = frozenset({"StartExecution", "DescribeExecution"})
_OBJECTS = {"GetObject", "HeadObject", "PutObject", "DeleteObject", "CopyObject"}
_UPLOADS = {"CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"}
_OF_OBJECTS = frozenset(
    {
        *("Bucket", "Key", "Body", "ContentType", "CopySource", "MultipartUpload", "PartNumber", "UploadId"),
        "VersionId",
    }
)

SERVICES = {
    service.name: service
    for service in (
        Service("dynamodb", "DYNAMODB", "dynamodb", "dynamodb", _dynamodb, frozenset(_ITEMS | _BATCHES)),
        Service("sqs", "SQS", "sqs", "sqs", _sqs, _MESSAGES),
        Service("secretsmanager", "SECRETS_MANAGER", "secretsmanager", "secretsmanager", _secrets, _VERSIONS),
        Service("stepfunctions", "SFN", "states", "states", _states, _EXECUTIONS),
        Service("lambda", "LAMBDA", "lambda", "lambda", _lambda, _FUNCTIONS, _OF_FUNCTIONS),
        Service("cloudwatch", "CLOUDWATCH", "monitoring", "monitoring", _metrics, _METRICS),
        Service("sns", "SNS", "sns", "sns", _sns, frozenset({"PublishBatch"})),
        Service("sesv2", "SESV2", "email", "ses", _ses, frozenset({"SendEmail"})),
        Service("s3", "S3", "s3", "s3", _s3, frozenset(_OBJECTS | _UPLOADS), _OF_OBJECTS),
    )
}
