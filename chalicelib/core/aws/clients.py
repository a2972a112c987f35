"""The only module that makes AWS clients: each one lazily, once per process.

Every call has a time-out and at most three attempts with jittered backoff (`core.aws.calls`), except for calls whose
effect a second attempt would repeat.
`AWS_ENDPOINT_URL` is the only difference between the local cloud and AWS.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from chalicelib.core.aws import calls
from chalicelib.core.aws.dynamo import Database, Table
from chalicelib.core.settings import settings

READ_SECONDS = 10
ATTEMPTS = 3

UNREPEATABLE = frozenset({"lambda", "sesv2"})
"""Services whose calls are made once: after a time-out nobody knows whether the mail was accepted, or what the function
has done."""

once = settings.once
clear = settings.clear
"""Does not clear the AWS clients: they do not depend on a stage, and take longer to make than most
tests."""


def reset() -> None:
    """Forget all that is kept, the AWS clients too, with their credentials and connections."""
    settings.clear()
    client.cache_clear()
    calls.reset()


@cache
def client(service: str, read_seconds: int = READ_SECONDS) -> Any:
    """A client of an AWS service by its boto3 name. Clients are thread-safe."""
    return calls.client(service, read_seconds, 1 if service in UNREPEATABLE else ATTEMPTS)


@once
def database() -> Database:
    """DynamoDB. Only `core.aws.dynamo` makes its parameters, so botocore's validation of them is off, which is half the
    CPU time of a batch write."""
    return Database(client("dynamodb"))


def table(name: str) -> Table[Any]:
    """The stage's table of that short name."""
    return database().table(settings().names.of(name))


def send(queue: str, body: str, delay_seconds: int = 0) -> None:
    """Put one message (1 MiB at most) on the stage's queue of that short name, delayed by up to 15 minutes. `body` is
    written by `core.wire`, so that it arrives as it is."""
    client("sqs").send_message(QueueUrl=settings().queue_url(queue), MessageBody=body, DelaySeconds=delay_seconds)


@once
def secret(name: str) -> str:
    """The current value of the stage's secret of that short name, read once per process."""
    return str(client("secretsmanager").get_secret_value(SecretId=settings().names.of(name))["SecretString"])
