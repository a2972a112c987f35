"""What moto answers in the process is what it answers over HTTP."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from moto.core.models import botocore_stubber

from chalicelib.core.aws import clients
from tests import in_process
from tests.cloudlike import NAMES, stage
from tests.functional.faults import listening

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

ITEMS = {"TableName": NAMES.of("items")}
KEY = {"user_id": {"S": "U1"}, "item_key": {"S": "a"}}
ITEM = {
    **KEY,
    "text": {"S": "Zoë \u2028"},
    "number": {"N": "1.50"},
    "binary": {"B": b"\x00\xff"},
    "deep": {"M": {"list": {"L": [{"BOOL": True}, {"NULL": True}, {"SS": ["a", "b"]}]}}},
}
OTHER = {"user_id": {"S": "U1"}, "item_key": {"S": "b"}}
ABSENT = {"ConditionExpression": "attribute_not_exists(user_id)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}

CALLS: dict[str, list[tuple[str, str, dict[str, Any]]]] = {
    "items": [
        ("dynamodb", "get_item", {**ITEMS, "Key": KEY}),
        ("dynamodb", "put_item", {**ITEMS, "Item": ITEM, "ReturnConsumedCapacity": "TOTAL"}),
        ("dynamodb", "put_item", {**ITEMS, "Item": ITEM, **ABSENT}),
        ("dynamodb", "put_item", {"TableName": "none", "Item": ITEM}),
        ("dynamodb", "get_item", {**ITEMS, "Key": KEY, "ConsistentRead": True, "ReturnConsumedCapacity": "TOTAL"}),
        (
            "dynamodb",
            "update_item",
            {
                **ITEMS,
                "Key": OTHER,
                "UpdateExpression": "SET #a = :a ADD #b :b",
                "ExpressionAttributeNames": {"#a": "text", "#b": "number"},
                "ExpressionAttributeValues": {":a": {"S": "x"}, ":b": {"N": "3"}},
                "ReturnValues": "ALL_NEW",
            },
        ),
        (
            "dynamodb",
            "query",
            {
                **ITEMS,
                "KeyConditionExpression": "user_id = :o",
                "ExpressionAttributeValues": {":o": {"S": "U1"}},
                "Limit": 1,
                "ReturnConsumedCapacity": "TOTAL",
            },
        ),
        ("dynamodb", "scan", {**ITEMS, "Segment": 0, "TotalSegments": 1}),
        ("dynamodb", "batch_get_item", {"RequestItems": {NAMES.of("items"): {"Keys": [KEY, OTHER]}}}),
        ("dynamodb", "delete_item", {**ITEMS, "Key": KEY, "ReturnValues": "ALL_OLD"}),
    ],
    "transactions": [
        (
            "dynamodb",
            "transact_write_items",
            {"TransactItems": [{"Put": {**ITEMS, "Item": ITEM}}], "ReturnConsumedCapacity": "TOTAL"},
        ),
        (
            "dynamodb",
            "transact_write_items",
            {"TransactItems": [{"Put": {**ITEMS, "Item": ITEM, **ABSENT}}, {"Delete": {**ITEMS, "Key": OTHER}}]},
        ),
        ("dynamodb", "scan", ITEMS),
    ],
    "tables": [("dynamodb", "describe_table", ITEMS), ("dynamodb", "describe_time_to_live", ITEMS)],
    "queues": [
        ("sqs", "get_queue_url", {"QueueName": NAMES.of("mail")}),
        ("sqs", "get_queue_url", {"QueueName": "none"}),
        (
            "sqs",
            "send_message",
            {
                "QueueUrl": NAMES.of("mail"),
                "MessageBody": "Zoë",
                "MessageAttributes": {"a": {"DataType": "String", "StringValue": "b"}},
            },
        ),
        (
            "sqs",
            "receive_message",
            {"QueueUrl": NAMES.of("mail"), "AttributeNames": ["All"], "MessageAttributeNames": ["All"]},
        ),
        ("sqs", "receive_message", {"QueueUrl": NAMES.of("mail")}),
        ("sqs", "delete_message", {"QueueUrl": NAMES.of("mail"), "ReceiptHandle": "none"}),
    ],
    "secrets": [
        ("secretsmanager", "get_secret_value", {"SecretId": NAMES.of("signing-key")}),
        ("secretsmanager", "get_secret_value", {"SecretId": NAMES.of("app-keys"), "VersionStage": "none"}),
        ("secretsmanager", "put_secret_value", {"SecretId": NAMES.of("app-keys"), "SecretString": "{}"}),
        ("secretsmanager", "describe_secret", {"SecretId": NAMES.of("app-keys")}),
    ],
}

REFUSALS = {
    "items": ["ConditionalCheckFailedException", "ResourceNotFoundException"],
    "transactions": ["TransactionCanceledException"],
    "tables": [],
    "queues": ["AWS.SimpleQueueService.NonExistentQueue", "ReceiptHandleIsInvalid"],
    "secrets": ["ResourceNotFoundException"],
}
"""Codes of what is refused among the calls."""

DIFFERENT = {
    *("MessageId", "ReceiptHandle", "SentTimestamp", "ApproximateFirstReceiveTimestamp", "ResponseMetadata"),
    *("ARN", "CreatedDate", "LastChangedDate", "VersionId", "VersionIdsToStages"),
    *("CreationDateTime", "TableId", "LatestStreamArn", "LatestStreamLabel"),
}
"""Members that are of another value in each stage, or that only what came over HTTP has."""


@pytest.mark.slow
@pytest.mark.parametrize("kind", CALLS)
def test_moto_answers_the_same_without_http(kind):
    calls = CALLS[kind]
    in_the_process = _answers(calls)
    assert [answer["Error"]["Code"] for answer in in_the_process if "Error" in answer] == REFUSALS[kind]
    sent: list[str] = []
    over_http = _answers(calls, lambda client: _over_http(client, sent))
    assert len(sent) == len(calls)
    assert in_the_process == over_http


def test_nothing_is_answered_while_moto_is_off(aws, monkeypatch):
    asked: list[str] = []

    def stop(request: Any, **_: Any) -> None:
        asked.append(request.url)
        raise ConnectionError

    monkeypatch.setattr(botocore_stubber, "enabled", False)
    secrets = clients.client("secretsmanager")
    with listening(secrets, "before-send.secrets-manager", stop), pytest.raises(ConnectionError):
        secrets.describe_secret(SecretId=NAMES.of("app-keys"))
    assert asked


@contextmanager
def _over_http(client: Any, sent: list[str]) -> Iterator[None]:
    """Let this client send its requests; `sent` gets the URL of each."""
    events = client.meta.events
    events.unregister("before-call", in_process.answer)
    try:
        with listening(client, "before-send", lambda request, **_: sent.append(request.url)):
            yield
    finally:
        events.register_last("before-call", in_process.answer)


def _answers(
    calls: list[tuple[str, str, dict[str, Any]]],
    around: Callable[[Any], AbstractContextManager[None]] = nullcontext,
) -> list[Any]:
    """The answers of a new stage, refusals among them; `around` is around each call of a client."""
    answers = []
    with stage() as cloud:
        for service, operation, parameters in calls:
            client = cloud.session.client(service)
            with around(client):
                try:
                    answer = getattr(client, operation)(**parameters)
                except ClientError as refusal:
                    answer = refusal.response
            answers.append(_comparable(answer))
    return answers


def _comparable(value: Any) -> Any:
    """With no more than the types of what no two stages have alike."""
    if isinstance(value, dict):
        return {name: type(part) if name in DIFFERENT else _comparable(part) for name, part in value.items()}
    return [_comparable(part) for part in value] if isinstance(value, list) else value
