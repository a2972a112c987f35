"""Builds a stage's resources in moto, and lets tests look into them and hand events on as AWS would."""

from __future__ import annotations

import copyreg
import gc
import io
import json
import os
import pickle
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any

import boto3
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from moto import mock_aws
from moto.backends import get_backend
from moto.core.base_backend import BackendDict

from chalicelib.core.aws import clients
from chalicelib.core.aws.dynamo import Item, to_item
from chalicelib.core.crypto import app_keys
from chalicelib.core.names import BUCKETS, PARKED, QUEUES, READ_MODEL_QUEUES, TOPICS, Names
from chalicelib.core.settings import settings
from chalicelib.events.store import WRITE_SECONDS
from infra.storage import schema
from infra.tables import SPECS
from tests.environment import ACCOUNT, REGION
from tests.peers import second_dynamodb
from tests.peers.bridge import Bridge
from tests.strictness import Limits
from tests.temper import tempered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAMES = Names("test")
LIMITS = Limits(NAMES)


VERSIONING = {"uploads": "Enabled", "uploads-copy": "Enabled", "work": "Suspended"}
"""Of the buckets, as `infra.storage` has it."""


class KeptSession:
    """A boto3 session for building and looking: its clients serve every test, since making them takes longer than
    most tests do. moto answers each under the account of the test that runs."""

    @staticmethod
    @cache
    def client(service: str, region_name: str = REGION) -> Any:
        return boto3.session.Session().client(service, region_name=region_name)


@dataclass
class Cloud:
    """A look from outside at the stage under test."""

    session: Any

    def rows(self, table: str) -> list[Item]:
        """Every item of a table."""
        dynamodb = self.session.client("dynamodb", region_name=REGION)
        answer = dynamodb.scan(TableName=NAMES.of(table))
        return [to_item(item) or {} for item in answer["Items"]]

    def kept(self, table: str) -> list[Any]:
        """Every item of a table as moto keeps it, without a call: to be compared with another time's, and no more."""
        tables = get_backend("dynamodb")[ACCOUNT][REGION].tables
        return [item.to_json() for item in tables[NAMES.of(table)].all_items()]

    def put(self, table: str, item: Item) -> None:
        clients.table(table).put(item)

    def take(self, queue: str) -> list[dict[str, Any]]:
        """Receive and delete every message of a queue, as the records of a Lambda event."""
        sqs = self.session.client("sqs", region_name=REGION)
        url = sqs.get_queue_url(QueueName=NAMES.of(queue))["QueueUrl"]
        taken: list[dict[str, Any]] = []
        while True:
            answer = sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=10,
                AttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
            messages = answer.get("Messages", [])
            if not messages:
                return taken
            for message in messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                taken.append(sqs_record(queue, message))

    def bodies(self, queue: str) -> list[Any]:
        """Like `take`, but only the JSON bodies."""
        return [json.loads(record["body"]) for record in self.take(queue)]

    def objects(self, bucket: str) -> dict[str, bytes]:
        """Every object of a bucket, by key."""
        s3 = self.session.client("s3", region_name=REGION)
        name = NAMES.bucket(bucket, ACCOUNT, REGION)
        keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=name).get("Contents", [])]
        return {key: s3.get_object(Bucket=name, Key=key)["Body"].read() for key in keys}


def sqs_record(queue: str, message: dict[str, Any]) -> dict[str, Any]:
    """A received SQS message as a record of Lambda's event."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {
            name: {"stringValue": value.get("StringValue", ""), "dataType": value["DataType"]}
            for name, value in message.get("MessageAttributes", {}).items()
        },
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{NAMES.of(queue)}",
        "awsRegion": REGION,
    }


@contextmanager
def stage() -> Iterator[Cloud]:
    """An account of moto with an empty stage, and nothing of the one before, where AWS has its temper. The app's calls
    of DynamoDB are held to its limits, which moto forgives."""
    built = _built()
    BackendDict.reset()
    for service, account, region, backend in pickle.loads(built):
        get_backend(service)[account][region] = backend
    clients.clear()
    second = _second_dynamodb()
    for kept in (clients.client("dynamodb"), clients.client("dynamodb", WRITE_SECONDS)):
        kept.meta.events.register("provide-client-params.dynamodb.*", LIMITS.check, unique_id="limits")
        if second:
            second.listen(kept)
    with tempered():
        yield Cloud(KeptSession())
    clients.clear()


@cache
def _built() -> bytes:
    """The built stage as moto holds it, made once: reading it costs a hundredth of building it. moto is started for
    as long as the process lives, because that takes longer than most tests."""
    mock_aws().start()
    build(KeptSession())
    backends = [(service, *backend) for service in _SERVICES for backend in get_backend(service).iter_backends()]
    written = io.BytesIO()
    _Pickler(written).dump(backends)
    gc.freeze()  # what is loaded by now stays: looking through it again and again took more time than most tests
    return written.getvalue()


_SERVICES: tuple[Any, ...] = ("dynamodb", "s3", "secretsmanager", "ses", "sesv2", "sns", "sqs")


def _as_new(made: Callable[[], Any]) -> Callable[[Any], tuple[Callable[[], Any], tuple[()]]]:
    return lambda _lock: (made, ())


class _Pickler(pickle.Pickler):
    """Writes a lock as a new one of its kind."""

    dispatch_table = {
        **copyreg.dispatch_table,
        **{type(made()): _as_new(made) for made in (Lock, RLock)},
    }


def _second_dynamodb() -> Bridge | None:
    """What stands before another DynamoDB than moto's, emptied, where these tests run over one."""
    endpoint = os.environ.get(second_dynamodb.ENDPOINT)
    if not endpoint:
        return None
    dynamodb = second_dynamodb.client(endpoint)
    second_dynamodb.empty(dynamodb, NAMES)
    return _bridge(endpoint)


@cache
def _bridge(endpoint: str) -> Bridge:
    return Bridge(second_dynamodb.client(endpoint), NAMES)


def build(session: Any) -> Cloud:
    """Make every table, queue, topic, bucket and secret of the stage `test`."""
    dynamodb = session.client("dynamodb", region_name=REGION)
    for spec in () if second_dynamodb.ENDPOINT in os.environ else SPECS:
        dynamodb.create_table(TableName=NAMES.of(spec.name), **schema(spec))
    sqs = session.client("sqs", region_name=REGION)
    queues = (*QUEUES, *READ_MODEL_QUEUES)
    for queue in (*queues, *(f"{name}-dlq" for name in queues), *PARKED):
        sqs.create_queue(QueueName=NAMES.of(queue))
    sns = session.client("sns", region_name=REGION)
    for topic in TOPICS:
        sns.create_topic(Name=NAMES.of(topic))
    s3 = session.client("s3", region_name=REGION)
    for bucket in BUCKETS:
        name = NAMES.bucket(bucket, ACCOUNT, REGION)
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": VERSIONING[bucket]})
    secrets = session.client("secretsmanager", region_name=REGION)
    roots: app_keys.AppKeys = {"1": "k" * 64}
    secrets.create_secret(Name=NAMES.of("app-keys"), SecretString=json.dumps(roots))
    for label, keys in app_keys.isolated(roots).items():
        secrets.put_secret_value(
            SecretId=NAMES.of("app-keys"), SecretString=json.dumps(keys), VersionStages=[label]
        )
    secrets.create_secret(Name=NAMES.of("signing-key"), SecretString=json.dumps(SIGNING_KEYS))
    session.client("sesv2", region_name=REGION).create_email_identity(EmailIdentity="rollcall.example")
    return Cloud(session)


def topic_messages(cloud: Cloud, queue: str) -> None:
    """Subscribe a queue to `user-events`, raw, so that a test reads what was published with `take`."""
    sns = cloud.session.client("sns", region_name=REGION)
    sns.subscribe(
        TopicArn=settings().arn("sns", NAMES.of("user-events")),
        Protocol="sqs",
        Endpoint=settings().arn("sqs", NAMES.of(queue)),
        Attributes={"RawMessageDelivery": "true"},
    )


def _signing_keys() -> dict[str, Any]:
    pem = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    key = {"kid": "test-1", "alg": "RS256", "pem": pem.decode(), "published_at": "2026-01-01T00:00:00.000Z"}
    return {"current": key, "next": None, "previous": []}


SIGNING_KEYS = _signing_keys()
