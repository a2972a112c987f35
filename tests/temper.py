"""moto with AWS's temper: what AWS refuses, loses or answers differently, and moto does not.

It listens to botocore's own events in every client that is made after this module was imported, and is quiet but while
`tempered` says so. Each rule names the page that it is from.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore import handlers

from tests.replies import Reply, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Parameters = dict[str, Any]

SQS_BYTES = 1_048_576
"""Of a message and of a batch, attributes included:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html"""

SNS_BYTES = 262_144
"""Likewise, unless the topic says more: https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html"""

STATE_BYTES = 262_144
"""Of the input of an execution: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"""

KEY_BYTES = 1_024
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html"""

METADATA_BYTES = 2_048
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html"""

CARRIED = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html"""

EXECUTION_NAME = re.compile(r"[A-Za-z0-9._-]{1,80}")
"""https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html"""


@dataclass
class _Refusal(Exception):
    code: str
    status: int = 400


class _Mood:
    """Whether AWS is itself."""

    is_on = False


@contextmanager
def tempered() -> Iterator[None]:
    """Have moto answer as AWS would."""
    before, _Mood.is_on = _Mood.is_on, True
    try:
        yield
    finally:
        _Mood.is_on = before


def _size(body: str, attributes: Parameters) -> int:
    texts = [(name, each["DataType"], each["StringValue"]) for name, each in attributes.items()]
    return len(body.encode()) + sum(len(text.encode()) for named in texts for text in named)


def _check_attributes(attributes: Parameters) -> None:
    """AWS takes no attribute without a value, and ten of them at most with raw delivery."""
    if len(attributes) > 10 or not all(each["StringValue"] for each in attributes.values()):
        raise _Refusal("InvalidParameterValue")
    if not all(CARRIED.fullmatch(each["StringValue"]) for each in attributes.values()):
        raise _Refusal("InvalidMessageContents")


def _check_message(body: str, attributes: Parameters, delay: int) -> int:
    """What it counts in bytes."""
    if not body or not 0 <= delay <= 900:
        raise _Refusal("InvalidParameterValue")
    if not CARRIED.fullmatch(body):
        raise _Refusal("InvalidMessageContents")
    _check_attributes(attributes)
    size = _size(body, attributes)
    if size > SQS_BYTES:
        raise _Refusal("InvalidParameterValue")
    return size


def _send(given: Parameters) -> None:
    _check_message(given["MessageBody"], given.get("MessageAttributes", {}), given.get("DelaySeconds", 0))


def _send_batch(given: Parameters) -> None:
    entries = given["Entries"]
    _check_batch([entry["Id"] for entry in entries])
    if sum(_size(entry["MessageBody"], entry.get("MessageAttributes", {})) for entry in entries) > SQS_BYTES:
        raise _Refusal("AWS.SimpleQueueService.BatchRequestTooLong")
    for entry in entries:
        _send(entry)


def _check_batch(ids: Iterable[str]) -> None:
    names = list(ids)
    if not 1 <= len(names) <= 10:
        raise _Refusal("TooManyEntriesInBatchRequest")
    if len(set(names)) < len(names):
        raise _Refusal("BatchEntryIdsNotDistinct")


def _publish(given: Parameters) -> None:
    _check_attributes(given.get("MessageAttributes", {}))
    if _size(given["Message"], given.get("MessageAttributes", {})) > SNS_BYTES:
        raise _Refusal("InvalidParameter")
    if not re.fullmatch("[\x20-\x7e]{0,100}", given.get("Subject", "")):
        raise _Refusal("InvalidParameter")


def _publish_batch(given: Parameters) -> None:
    entries = given["PublishBatchRequestEntries"]
    _check_batch(entry["Id"] for entry in entries)
    if sum(_size(entry["Message"], entry.get("MessageAttributes", {})) for entry in entries) > SNS_BYTES:
        raise _Refusal("BatchRequestTooLong")
    for entry in entries:
        _publish(entry)


def _lost(params: Parameters, **_: Any) -> Parameters | None:
    """SNS takes a message that no raw subscription can carry, and it never arrives."""
    if not _Mood.is_on or "PublishBatchRequestEntries" not in params:
        return None
    entries = [entry for entry in params["PublishBatchRequestEntries"] if CARRIED.fullmatch(entry["Message"])]
    return {**params, "PublishBatchRequestEntries": entries}


def _put_object(given: Parameters) -> None:
    if len(given["Key"].encode()) > KEY_BYTES:
        raise _Refusal("KeyTooLongError")
    metadata = given.get("Metadata", {})
    if sum(len(name.encode()) + len(value.encode()) for name, value in metadata.items()) > METADATA_BYTES:
        raise _Refusal("MetadataTooLarge")


def _start_execution(given: Parameters) -> None:
    if len(given.get("input", "").encode()) > STATE_BYTES:
        raise _Refusal("InvalidExecutionInput")
    if not EXECUTION_NAME.fullmatch(given.get("name", "any")):
        raise _Refusal("InvalidName")


_CHECKS: dict[str, Callable[[Parameters], None]] = {
    "sqs.SendMessage": _send,
    "sqs.SendMessageBatch": _send_batch,
    "sns.Publish": _publish,
    "sns.PublishBatch": _publish_batch,
    "s3.PutObject": _put_object,
    "s3.CopyObject": _put_object,
    "s3.CreateMultipartUpload": _put_object,
    "sfn.StartExecution": _start_execution,
}


def _hear(params: Parameters, context: Parameters, **_: Any) -> None:
    context["asked"] = params


def _judge(model: Any, context: Parameters, **_: Any) -> Reply | None:
    """The answer of AWS in the place of moto's, where it refuses what was asked."""
    check = _CHECKS.get(f"{model.service_model.service_id.hyphenize()}.{model.name}")
    if not _Mood.is_on or check is None:
        return None
    try:
        check(context["asked"])
    except _Refusal as refusal:
        return refused(refusal.code, refusal.status, "as AWS would refuse it")
    return None


_GONE = {"NoSuchKey": "AccessDenied", "NoSuchVersion": "AccessDenied", "404": "403"}
"""Whoever may not list a bucket is told nothing of what is in it:
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html#API_GetObject_RequestSyntax, permissions. HeadObject
answers have no body, so no code but their status. None of our functions may list a bucket."""


def _hide_objects(http_response: Any, parsed: dict[str, Any], **_: Any) -> None:
    code = parsed.get("Error", {}).get("Code")
    if _Mood.is_on and code in _GONE:
        parsed["Error"] = {"Code": _GONE[code], "Message": "Access Denied" if code != "404" else "Forbidden"}
        http_response.status_code = parsed["ResponseMetadata"]["HTTPStatusCode"] = 403


def _hide_secrets(parsed: dict[str, Any], context: Parameters, **_: Any) -> None:
    """A policy that names secrets with the random characters of their ARNs covers none that does not exist:
    https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html. moto says of a label that no version
    has that there is no such secret."""
    error = parsed.get("Error", {})
    is_whole = error.get("Code") == "ResourceNotFoundException" and " value " not in error.get("Message", "")
    is_label = context["asked"].get("VersionStage", "AWSCURRENT") != "AWSCURRENT"
    if _Mood.is_on and is_whole and not is_label:
        parsed["Error"] = {
            "Code": "AccessDeniedException",
            "Message": "no identity-based policy allows the action",
        }


_LISTENERS: list[tuple[str, Callable[..., Any]]] = [
    ("provide-client-params.sns.PublishBatch", _lost),
    *((f"before-parameter-build.{operation}", _hear) for operation in _CHECKS),
    *((f"before-call.{operation}", _judge) for operation in _CHECKS),
    *(
        (f"after-call.s3.{operation}", _hide_objects)
        for operation in ("GetObject", "HeadObject", "CopyObject", "UploadPartCopy", "GetObjectTagging")
    ),
    ("before-parameter-build.secrets-manager.GetSecretValue", _hear),
    ("after-call.secrets-manager.GetSecretValue", _hide_secrets),
]

handlers.BUILTIN_HANDLERS.extend(_LISTENERS)
