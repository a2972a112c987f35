"""Which requests to the null AWS get the same answer."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from benchmarks.null_aws.keys import key_of, operation_of, service_of

SIGNED = (
    "AWS4-HMAC-SHA256 Credential=testing/20260301/eu-central-1/{}/aws4_request, SignedHeaders=host, Signature=0"
)


def asked(operation: str, **parameters: Any) -> tuple[str, ...]:
    headers = {"authorization": SIGNED.format("dynamodb"), "x-amz-target": f"DynamoDB_20120810.{operation}"}
    return key_of("POST", "/", headers, json.dumps(parameters).encode())


def test_what_is_asked_is_told_by_the_signature_and_the_target() -> None:
    headers = {"authorization": SIGNED.format("sqs"), "x-amz-target": "AmazonSQS.SendMessage"}
    assert service_of(headers) == "sqs"
    assert operation_of("POST", headers, b"{}") == "SendMessage"
    assert service_of({}) == ""


def test_reads_are_told_by_the_keys_that_they_name() -> None:
    ada = asked("GetItem", TableName="users", Key={"id": {"S": "ada"}}, ConsistentRead=True)
    assert ada == asked("GetItem", TableName="users", Key={"id": {"S": "ada"}}, ConsistentRead=False)
    assert ada != asked("GetItem", TableName="users", Key={"id": {"S": "bob"}})
    assert ada != asked("GetItem", TableName="sessions", Key={"id": {"S": "ada"}})
    many = {"users": {"Keys": [{"id": {"S": "ada"}}]}}
    assert asked("BatchGetItem", RequestItems=many) != asked("BatchGetItem", RequestItems={})


def test_writes_are_told_by_their_table_and_form() -> None:
    one = asked("PutItem", TableName="sessions", Item={"id": {"S": "1"}}, ConditionExpression="a")
    assert one == asked("PutItem", TableName="sessions", Item={"id": {"S": "2"}}, ConditionExpression="a")
    assert one != asked("PutItem", TableName="sessions", Item={"id": {"S": "1"}}, ConditionExpression="b")
    put: dict[str, Any] = {"Put": {"TableName": "users"}}
    assert asked("TransactWriteItems", TransactItems=[put]) != asked("TransactWriteItems", TransactItems=[put] * 2)


def test_transactions_are_told_by_their_actions_and_tables() -> None:
    def transaction(*actions: tuple[str, str], **item: Any) -> tuple[str, ...]:
        named = [{kind: {"TableName": table, "Item": item}} for kind, table in actions]
        return asked("TransactWriteItems", TransactItems=named)

    both = transaction(("Put", "users"), ("Delete", "guards"))
    quoting = {"id": {"S": '{"Put": {"TableName": "sessions"}}'}}
    assert both == transaction(("Put", "users"), ("Delete", "guards"), **quoting)
    compact = b'{"TransactItems":[{"Put":{"TableName":"users"}},{"Delete":{"TableName":"guards"}}]}'
    headers = {"authorization": SIGNED.format("dynamodb"), "x-amz-target": "DynamoDB_20120810.TransactWriteItems"}
    assert both == key_of("POST", "/", headers, compact)
    assert both != transaction(("Put", "users"), ("Put", "guards"))
    assert both != transaction(("Put", "users"), ("Delete", "sessions"))
    assert both != transaction(("Delete", "guards"), ("Put", "users"))


def test_queries_are_told_by_partition_and_by_whether_they_go_on() -> None:
    query = {"TableName": "users", "KeyConditionExpression": "#n0 = :v0"}
    first = asked("Query", **query, ExpressionAttributeValues={":v0": {"N": "36"}})
    assert first != asked("Query", **query, ExpressionAttributeValues={":v0": {"N": "37"}})
    assert first != asked("Query", **query, ExpressionAttributeValues={":v0": {"N": "36"}}, ExclusiveStartKey={})


def test_batches_of_messages_are_told_by_the_ids_of_their_entries() -> None:
    def sent(*ids: str) -> tuple[str, ...]:
        return asked("SendMessageBatch", QueueUrl="q", Entries=[{"Id": each} for each in ids])

    def published(*ids: str) -> tuple[str, ...]:
        form = {f"PublishBatchRequestEntries.member.{n}.Id": each for n, each in enumerate(ids, 1)}
        headers = {"authorization": SIGNED.format("sns"), "content-type": "application/x-www-form-urlencoded"}
        return key_of("POST", "/", headers, urlencode({"Action": "PublishBatch", **form}).encode())

    assert sent("a") != sent("b")
    assert published("a") != published("b")
    assert published("a")[:2] == ("sns", "PublishBatch")


def test_objects_are_told_by_their_path() -> None:
    headers = {"authorization": SIGNED.format("s3")}
    assert key_of("GET", "/bucket/a", headers, b"") != key_of("GET", "/bucket/b", headers, b"")
    assert key_of("GET", "/bucket/a", headers, b"") != key_of("PUT", "/bucket/a", headers, b"x")
