"""Which IAM permissions an AWS call needs: what a policy is held against.

With the setting `LOG_AWS_CALLS=on` every call is logged so, by its permissions and without its contents.
https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

Permission = tuple[str, str]
"""An action (`dynamodb:PutItem`) and the last part of the ARN it is about (`table/rollcall-dev-users`)."""

_TRANSACTION = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}

_STATEMENT = re.compile(r'INSERT INTO "([^"]+)"')
"""The PartiQL that `core.aws.dynamo` writes."""

_SAME_AS = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sns:PublishBatch": "sns:Publish",
    "lambda:Invoke": "lambda:InvokeFunction",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:UploadPart": "s3:PutObject",
    "s3:CompleteMultipartUpload": "s3:PutObject",
    "s3:UploadPartCopy": "s3:PutObject",
    "s3:CopyObject": "s3:PutObject",
    "s3:AbortMultipartUpload": "s3:AbortMultipartUpload",
    "s3:DeleteObjects": "s3:DeleteObject",
}
"""Operations that are authorised by the permission of another."""


def needed(service: str, operation: str, parameters: dict[str, Any]) -> list[Permission]:
    """The permissions that one call needs, by botocore's names of service and operation."""
    if service == "dynamodb":
        return _dynamodb(operation, parameters)
    prefix = {"sesv2": "ses", "stepfunctions": "states"}.get(service, service)
    action = _SAME_AS.get(f"{prefix}:{operation}", f"{prefix}:{operation}")
    if service == "s3":
        if parameters.get("VersionId"):
            action = action.replace("s3:GetObject", "s3:GetObjectVersion")
        return [(action, _s3_object(parameters)), *_s3_source(parameters)]
    return [(action, resource) for resource in _resources(service, parameters)]


def _dynamodb(operation: str, parameters: dict[str, Any]) -> list[Permission]:
    if operation == "TransactWriteItems":
        return sorted(
            {
                (f"dynamodb:{_TRANSACTION[kind]}", f"table/{action['TableName']}")
                for item in parameters["TransactItems"]
                for kind, action in item.items()
            }
        )
    if operation == "BatchExecuteStatement":
        inserted = {table for one in parameters["Statements"] for table in _STATEMENT.findall(one["Statement"])}
        return [("dynamodb:PartiQLInsert", f"table/{table}") for table in sorted(inserted)]
    if operation in {"BatchGetItem", "BatchWriteItem"}:
        return [(f"dynamodb:{operation}", f"table/{table}") for table in sorted(parameters["RequestItems"])]
    index = f"/index/{parameters['IndexName']}" if "IndexName" in parameters else ""
    return [(f"dynamodb:{operation}", f"table/{parameters['TableName']}{index}")]


def _s3_object(parameters: dict[str, Any]) -> str:
    key = parameters.get("Key")
    return f"{parameters['Bucket']}/{key}" if key is not None else str(parameters["Bucket"])


def _s3_source(parameters: dict[str, Any]) -> list[Permission]:
    """What a copy needs besides: to read its source, and to carry over tags where the source has some."""
    source = parameters.get("CopySource")
    if not source:
        return []
    if isinstance(source, str):
        path, _, version = source.partition("?versionId=")
        bucket, _, key = unquote(path).lstrip("/").partition("/")
        source = {"Bucket": bucket, "Key": key, "VersionId": version}
    action = "s3:GetObjectVersion" if source.get("VersionId") else "s3:GetObject"
    copied = [(action, _s3_object(source)), (f"{action}Tagging", _s3_object(source))]
    return [*copied, ("s3:PutObjectTagging", _s3_object(parameters))]


def _resources(service: str, parameters: dict[str, Any]) -> list[str]:
    if service == "sqs":
        return [str(parameters["QueueUrl"]).rpartition("/")[2]]
    if service == "sns":
        return [str(parameters["TopicArn"]).rpartition(":")[2]]
    if service == "lambda":
        return [f"function:{parameters['FunctionName']}"]
    if service == "cloudwatch":
        return ["alarm:*" if "AlarmNames" in parameters else "*"]
    if service == "secretsmanager":
        return [f"secret:{parameters.get('SecretId', '')}"]
    if service == "stepfunctions":
        if "executionArn" in parameters:
            return [str(parameters["executionArn"]).split(":", 5)[-1]]
        return [str(parameters.get("stateMachineArn", "")).rpartition(":")[2]]
    if service == "sesv2":
        sender = str(parameters.get("FromEmailAddress", "")).rpartition("@")[2].rstrip(">")
        found = [f"identity/{sender}"]
        if "ConfigurationSetName" in parameters:
            found.append(f"configuration-set/{parameters['ConfigurationSetName']}")
        return found
    return ["*"]
