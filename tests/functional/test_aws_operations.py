"""Every operation that we speak ourselves is asked and read as botocore asks and reads it."""

from __future__ import annotations

import json
from datetime import datetime
from urllib.parse import parse_qs

import pytest
from botocore.serialize import create_serializer

from chalicelib.core.aws.calls import behind, connections
from chalicelib.core.aws.calls.services import SERVICES
from chalicelib.core.aws.dynamo import Table, absent, present, unchanged
from chalicelib.core.aws.dynamo.actions import Actions
from tests.functional.scripted import Step, serving
from tests.functional.test_aws_calls import botocores, called, ours, refusal

OBJECT = {"Bucket": "work", "Key": "a b/ü+&?#=.json"}
UPLOAD = {**OBJECT, "UploadId": "u/+="}
SNS = "http://sns.amazonaws.com/doc/2010-03-31/"
S3 = "http://s3.amazonaws.com/doc/2006-03-01/"
ID = (("x-amz-request-id", "R1"),)
PUBLISHED = f"""<PublishBatchResponse xmlns="{SNS}"><PublishBatchResult>
<Failed><member><Id>1</Id><Code>Throttled</Code><Message>a &lt; b</Message><SenderFault>false</SenderFault></member>
<member><Id>2</Id><Code>No</Code><SenderFault>true</SenderFault></member></Failed>
<Successful><member><Id>0</Id><MessageId>m</MessageId></member></Successful></PublishBatchResult>
<ResponseMetadata><RequestId>R1</RequestId></ResponseMetadata></PublishBatchResponse>"""
NOT_PUBLISHED = f"""<ErrorResponse xmlns="{SNS}"><Error><Type>Sender</Type><Code>InvalidParameter</Code>
<Message>Zo\u00eb</Message></Error><RequestId>R1</RequestId></ErrorResponse>"""
ABSENT = "<Error><Code>NoSuchKey</Code><Message>no</Message><Key>k</Key><RequestId>R1</RequestId></Error>"
ENTRIES = [
    {
        "Id": "0",
        "Message": "Zo\u00eb & co = 1",
        "MessageAttributes": {"type": {"DataType": "String", "StringValue": "a"}},
    },
    {"Id": "1", "Message": "{}"},
]
MAIL = {
    "FromEmailAddress": "a@b.example",
    "Destination": {"ToAddresses": ["c@d.example"]},
    "Content": {"Simple": {"Subject": {"Data": "Zo\u00eb"}, "Body": {"Text": {"Data": "x"}}}},
}
STORED = (
    *ID,
    ("ETag", '"e"'),
    ("x-amz-version-id", "v"),
    ("Content-Type", "text/plain"),
    ("x-amz-meta-mode", "upsert"),
)
PUT = {"Put": {"TableName": "t", "Item": {"id": {"S": "\u2028"}}}}
TABLE = Table[dict](None, "t")
ACTIONS = Actions(
    (
        TABLE.putting({"id": "\u2028", "n": 1, "m": {"l": [1.5, None, b"\xff", {"a"}]}}, absent()),
        TABLE.putting({"id": "2"}, unchanged({"version": 3})),
        TABLE.putting({"id": "3"}),
        TABLE.updating({"id": "4"}, set={"a": '"'}, add={"b": 1}, remove=["c"]),
        TABLE.deleting({"id": "5"}),
        TABLE.checking({"id": "6"}, present()),
    )
)
TOKEN = {"ClientRequestToken": "t" * 36}
PARTS = {"Parts": [{"PartNumber": 1, "ETag": '"e"'}]}
BEGUN = f"<Begun xmlns='{S3}'><UploadId>u</UploadId></Begun>"
ENDED = f"<Ended xmlns='{S3}'><ETag>\"e\"</ETag></Ended>"
TOKENS = [
    ("dynamodb", "transact_write_items", {"TransactItems": [PUT]}),
    ("secretsmanager", "put_secret_value", {"SecretId": "s"}),
    ("secretsmanager", "rotate_secret", {"SecretId": "s"}),
]


def read(result: dict) -> dict:
    return {name: value.read() if hasattr(value, "read") else value for name, value in result.items()}


CASES: dict[str, tuple[str, str, dict, Step]] = {
    "dynamodb binary": (
        *("dynamodb", "put_item", {"TableName": "t", "Item": {"id": {"B": b"\x00\xff"}, "n": {"N": "1"}}}),
        Step(),
    ),
    "dynamodb transaction": (
        *("dynamodb", "transact_write_items", {"TransactItems": [PUT], **TOKEN}),
        Step(),
    ),
    "dynamodb actions": (
        *("dynamodb", "transact_write_items", {"TransactItems": ACTIONS, **TOKEN}),
        Step(),
    ),
    "sqs": (
        *("sqs", "send_message", {"QueueUrl": "https://q/1", "MessageBody": "Zo\u00eb", "DelaySeconds": 3}),
        Step(body=b'{"MD5OfMessageBody": "m", "MessageId": "i"}'),
    ),
    "sqs batch": (
        *("sqs", "send_message_batch", {"QueueUrl": "https://q/1", "Entries": [{"Id": "0", "MessageBody": "a"}]}),
        Step(body=b'{"Failed": [{"Id": "0", "Code": "Throttled", "SenderFault": false}], "Successful": []}'),
    ),
    "sqs refused": (
        *("sqs", "delete_message_batch", {"QueueUrl": "https://q/1", "Entries": []}),
        Step(
            400,
            b'{"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "no"}',
            (("x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender"), ("x-amzn-RequestId", "R1")),
        ),
    ),
    "secret": (
        *("secretsmanager", "get_secret_value", {"SecretId": "s", "VersionStage": "AWSCURRENT"}),
        Step(body=b'{"Name": "s", "SecretString": "x", "VersionStages": ["AWSCURRENT"]}'),
    ),
    "no secret": ("secretsmanager", "describe_secret", {"SecretId": "s"}, refusal("ResourceNotFoundException")),
    "execution": (
        *("stepfunctions", "start_execution", {"stateMachineArn": "arn:a", "name": "n", "input": "{}"}),
        refusal("ExecutionAlreadyExists"),
    ),
    "published": (
        *("sns", "publish_batch", {"TopicArn": "arn:a", "PublishBatchRequestEntries": ENTRIES}),
        Step(body=PUBLISHED.encode()),
    ),
    "not published": (
        *("sns", "publish_batch", {"TopicArn": "arn:a", "PublishBatchRequestEntries": ENTRIES}),
        Step(400, NOT_PUBLISHED.encode()),
    ),
    "invoked": (
        *("lambda", "invoke", {"FunctionName": "rollcall-dev-operate", "Payload": b'{"do": "list"}'}),
        Step(body=b'{"queues": []}', headers=(("X-Amz-Executed-Version", "$LATEST"), ("x-amzn-RequestId", "R1"))),
    ),
    "failed in the function": (
        *("lambda", "invoke", {"FunctionName": "f", "Payload": b"{}"}),
        Step(body=b'{"errorMessage": "no"}', headers=(("X-Amz-Function-Error", "Unhandled"),)),
    ),
    "not invoked": (
        *("lambda", "invoke", {"FunctionName": "f", "Payload": b"{}"}),
        Step(429, b'{"message": "no"}', (("x-amzn-ErrorType", "TooManyRequestsException"),)),
    ),
    "function": (
        *("lambda", "get_function_configuration", {"FunctionName": "f"}),
        Step(body=b'{"Runtime": "python3.13", "LastModified": "2026-03-01T12:00:00.000+0000"}'),
    ),
    "received": (
        *("sqs", "receive_message", {"QueueUrl": "https://q/1", "AttributeNames": ["All"], "WaitTimeSeconds": 1}),
        Step(body=b'{"Messages": [{"MessageId": "m", "Body": "{}"}]}'),
    ),
    "visible again": (
        *("sqs", "change_message_visibility_batch"),
        {"QueueUrl": "https://q/1", "Entries": [{"Id": "0", "ReceiptHandle": "r", "VisibilityTimeout": 0}]},
        Step(body=b'{"Failed": [], "Successful": [{"Id": "0"}]}'),
    ),
    "rotated": (
        *("secretsmanager", "rotate_secret", {"SecretId": "s", **TOKEN}),
        Step(body=b'{"ARN": "a", "Name": "s", "VersionId": "v"}'),
    ),
    "mail": ("sesv2", "send_email", MAIL, Step(body=b'{"MessageId": "m"}')),
    "no mail": (
        *("sesv2", "send_email", MAIL),
        Step(400, b'{"message": "no"}', (("x-amzn-ErrorType", "MessageRejected"), ("x-amzn-RequestId", "R1"))),
    ),
    "object": ("s3", "get_object", {**OBJECT, "VersionId": "v="}, Step(body=b"abc", headers=STORED)),
    "object in chunks": ("s3", "get_object", OBJECT, Step(body=b"abc" * 99, headers=STORED, is_chunked=True)),
    "no object": ("s3", "get_object", OBJECT, Step(404, ABSENT.encode())),
    "looked at": ("s3", "head_object", OBJECT, Step(body=b"abc", headers=STORED)),
    "nothing to look at": ("s3", "head_object", OBJECT, Step(404, b"", ID)),
    "put": (
        *("s3", "put_object", {**OBJECT, "Body": b"x" * 99, "ContentType": "text/csv"}),
        Step(body=b"", headers=STORED[:3]),
    ),
    "deleted": ("s3", "delete_object", OBJECT, Step(204, b"", STORED[:1], has_length=False)),
    "copied": (
        *("s3", "copy_object", {**OBJECT, "CopySource": {**OBJECT, "VersionId": "v"}}),
        Step(body=f'<CopyObjectResult xmlns="{S3}"><ETag>"e"</ETag></CopyObjectResult>'.encode(), headers=ID),
    ),
    "upload begun": ("s3", "create_multipart_upload", OBJECT, Step(body=BEGUN.encode())),
    "part": ("s3", "upload_part", {**UPLOAD, "PartNumber": 2, "Body": b"y"}, Step(body=b"", headers=STORED[:2])),
    "upload ended": (
        *("s3", "complete_multipart_upload", {**UPLOAD, "MultipartUpload": PARTS}),
        Step(body=ENDED.encode()),
    ),
}

COMPARED = {"x-amz-target", "content-type", "x-amz-copy-source", "x-amzn-query-mode"}
"""Headers of a request."""

UNREAD = {"AcceptRanges", "ResponseMetadata", "message", "Message", "type"}


def asked(request: tuple[str, bytes], service: str) -> tuple:
    """What a request says, however it is written."""
    head, body = request
    line, *lines = head.splitlines()
    headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)}
    said: object = body
    if service == "sns":
        said = parse_qs(body.decode(), keep_blank_values=True)
    elif service != "s3":
        said = json.loads(body or b"null")
    method, target, _ = line.split(" ")
    path, _, query = target.partition("?")
    return (
        method,
        path,
        parse_qs(query, keep_blank_values=True),
        said,
        {n: headers[n] for n in COMPARED & headers.keys()},
    )


def spoken(make, name: str) -> tuple:
    service, operation, params, step = CASES[name]
    with serving(step) as server:
        result = called(make(server, service), operation, **params)
        result = read(result)
    meta = result["ResponseMetadata"]
    kept = {key: value for key, value in result.items() if key not in UNREAD and not isinstance(value, datetime)}
    return asked(server.requests[0], service), kept, meta["HTTPStatusCode"], meta["RetryAttempts"]


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_it_is_asked_and_read_as_by_botocore(name):
    (*asked_ours, body, headers), *read_ours = spoken(ours, name)
    (*asked_theirs, their_body, their_headers), *read_theirs = spoken(botocores, name)
    assert (asked_ours, headers) == (asked_theirs, their_headers)
    assert read_ours == read_theirs
    assert body == their_body
    connections.close_idle()


ALIKE = {
    *("GetItem", "UpdateItem", "DeleteItem", "Query", "Scan"),
    *("BatchGetItem", "BatchWriteItem", "BatchExecuteStatement"),
    *("GetQueueAttributes", "PutSecretValue", "UpdateSecretVersionStage", "DescribeExecution"),
}
"""Operations whose parameters and results are JSON as others of their services have it."""

STATISTIC = {"Metric": {"Namespace": "n", "MetricName": "m"}, "Period": 300, "Stat": "Sum"}
QUERY = {"Id": "m0", "MetricStat": STATISTIC}
METRICS = {
    "get_metric_data": {"StartTime": 1772366400, "EndTime": 1772370000, "MetricDataQueries": [QUERY]},
    "describe_alarms": {"AlarmNames": ["a"], "MaxRecords": 100},
}
"""CloudWatch's: botocore prefers another of its protocols (https://smithy.io/2.0/additional-specs/protocols/)."""


@pytest.mark.parametrize("operation", METRICS)
def test_metrics_are_asked_for_in_a_protocol_of_theirs(operation):
    model = behind.session().get_service_model("cloudwatch")
    assert "json" in model.metadata["protocols"]
    named = "".join(map(str.capitalize, operation.split("_")))
    params = METRICS[operation]
    theirs = create_serializer("json").serialize_to_request(params, model.operation_model(named))
    with serving(Step(body=b'{"MetricAlarms": [], "MetricDataResults": []}')) as server:
        called(ours(server, "cloudwatch"), operation, **params)
    ((head, body),) = server.requests
    assert json.loads(body) == json.loads(theirs["body"])
    assert f"x-amz-target: {theirs['headers']['X-Amz-Target']}" in head.splitlines()
    assert f"content-type: {theirs['headers']['Content-Type']}" in head.splitlines()


def test_every_operation_is_held_against_botocore():
    operations = [*(operation for _, operation, *_ in CASES.values()), *METRICS]
    compared = {"".join(map(str.capitalize, operation.split("_"))) for operation in operations}
    assert {operation for service in SERVICES.values() for operation in service.operations} == compared | ALIKE


@pytest.mark.slow
@pytest.mark.parametrize("operation", ["copy_object", "complete_multipart_upload"])
def test_a_copy_that_fails_after_its_headers_is_made_again(operation):
    """S3 answers 200 before it knows."""
    name = {"copy_object": "copied", "complete_multipart_upload": "upload ended"}[operation]
    service, _, params, good = CASES[name]
    failed = Step(body=b"<Error><Code>InternalError</Code><Message>no</Message></Error>")
    with serving(failed, good) as server:
        result = called(ours(server, service), operation, **params)
    assert (len(server.requests), "raised" in result) == (2, False)
    with serving(failed) as server:
        assert called(ours(server, service), operation, **params)["Error"]["Code"] == "InternalError"


def test_a_call_with_a_parameter_that_we_do_not_write_goes_through_botocore():
    with serving(Step(body=b"", headers=STORED)) as server:
        client = ours(server, "s3")
        client.__dict__["_behind"] = botocores(server, "s3")
        called(client, "head_object", **OBJECT, ChecksumMode="ENABLED")
        called(client, "head_object", **OBJECT)
    modes = ["checksum-mode" in head.lower() for head, _ in server.requests]
    assert modes == [True, False]


@pytest.mark.parametrize(("service", "operation", "params"), TOKENS)
def test_a_further_attempt_has_the_token_of_the_first(service, operation, params):
    """Where the answer is lost, the service knows by it that it has applied the call."""
    with serving(Step(answers=False), Step()) as server:
        client = ours(server, service)
        called(client, operation, **params)
        called(client, operation, **params)
    first, again, other = (json.loads(body)["ClientRequestToken"] for _, body in server.requests)
    assert first == again != other
    assert len(first) == 32
