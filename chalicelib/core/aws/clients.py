"""The only module that creates boto3 clients: each one lazily, once per process.

Every call has a time-out and at most three attempts with jittered backoff (botocore's `standard` retry mode), except
for calls whose effect a second attempt would repeat.
`AWS_ENDPOINT_URL`, which botocore reads itself, is the only difference between the local cloud and AWS.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from chalicelib.core.aws import telemetry
from chalicelib.core.aws.dynamo import Database, Table
from chalicelib.core.settings import settings

if TYPE_CHECKING:
    import boto3

CONNECT_SECONDS = 2
READ_SECONDS = 10
ATTEMPTS = 3

UNREPEATABLE = frozenset({"sesv2"})
"""Services whose calls are made once: after a time-out nobody knows whether the mail was accepted."""

REGIONAL_HOSTS = {"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"}
"""S3 by `<bucket>.s3.<region>.amazonaws.com`, in links and forms too. By default botocore signs those for the global
host, which redirects in a bucket's first hours and does not serve the regions that were opened since 2019:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html#VirtualHostingBackwardsCompatibility.
Where `AWS_ENDPOINT_URL` names an IP address, the bucket is in the path."""

once = settings.once
clear = settings.clear
"""Does not clear the session and its clients: they do not depend on a stage, and take longer to make than most
tests."""


def reset() -> None:
    """Forget all that is kept, the AWS clients too, with their credentials and connections."""
    settings.clear()
    client.cache_clear()
    session.cache_clear()


@cache
def session() -> boto3.session.Session:
    """The one boto3 session, whose calls telemetry counts."""
    import boto3

    new_session = boto3.session.Session()
    telemetry.listen(new_session.events)
    return new_session


@cache
def client(service: str, read_seconds: int = READ_SECONDS) -> Any:
    """A client of an AWS service by its boto3 name. Clients are thread-safe."""
    from botocore.config import Config

    return session().client(
        service,
        config=Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=read_seconds,
            retries={"mode": "standard", "total_max_attempts": 1 if service in UNREPEATABLE else ATTEMPTS},
            # Links are signed as every region takes it; botocore's own choice for S3 is older.
            signature_version="s3v4" if service == "s3" else None,
            s3=REGIONAL_HOSTS,
            parameter_validation=service != "dynamodb",
            max_pool_connections=50,
            tcp_keepalive=True,
        ),
    )


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
