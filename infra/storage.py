"""Tables, buckets, secrets and the optional Kinesis stream, as CloudFormation resources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.core.retention import ANSWERS_DAYS, UPLOADS_DAYS, WORK_DAYS
from infra import options
from infra.arns import Arns, logical, sub
from infra.tables import SPECS, TableSpec

if TYPE_CHECKING:
    from infra.stage import Stage

Resources = dict[str, Any]

NONCURRENT_DAYS = 1
"""In a bucket with versions, what expired stays on as a noncurrent version. Its last day is one of those that it is
kept for."""

IMPORTED = ("users", "credentials", "history")
"""The tables that an import writes, itself and by its events."""

_DROPPED = ("imports/", "items/")
"""What imports are made of; whatever else is in the uploads bucket is its owner's."""


def resources(stage: Stage) -> Resources:
    template_resources: Resources = {}
    for spec in SPECS:
        if spec.name not in stage.tables:
            continue
        template_resources[f"{logical(spec.name)}Table"] = _table(stage, spec)
    for bucket in ("uploads", "uploads-copy", "work"):
        template_resources[f"{logical(bucket)}Bucket"] = _bucket(stage, bucket)
        if not stage.emulated:
            # The local cloud speaks plain HTTP, on loopback.
            template_resources[f"{logical(bucket)}BucketPolicy"] = _bucket_policy(stage, bucket)
    template_resources |= _secrets(stage)
    if stage.kinesis:
        template_resources["ItemsStream"] = {
            "Type": "AWS::Kinesis::Stream",
            "Properties": {
                "Name": stage.names.of("items"),
                "StreamModeDetails": {"StreamMode": "ON_DEMAND"},
                "RetentionPeriodHours": 24,
                "StreamEncryption": {
                    "EncryptionType": "KMS",
                    "KeyId": options.keyed(stage, options.KEY, "alias/aws/kinesis"),
                },
            },
        }
    return template_resources


def kept(stage: Stage, resource: dict[str, Any]) -> dict[str, Any]:
    """A resource whose data outlives the stack in a protected stage, but for a change that made it and failed: it
    is empty then, and its name would stand in the way of the next one."""
    if not stage.is_protected:
        return {**resource, "DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete"}
    return {**resource, "DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}


def _table(stage: Stage, spec: TableSpec) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "TableName": stage.names.of(spec.name),
        **schema(spec),
        "SSESpecification": options.keyed(
            stage, {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": options.KEY}, {"SSEEnabled": True}
        ),
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "DeletionProtectionEnabled": {"Fn::If": ["ProtectsTables", True, False]} if stage.is_protected else False,
    }
    if spec.name in IMPORTED:
        properties |= options.warmed(stage)
        for index in properties.get("GlobalSecondaryIndexes", ()):
            index |= options.warmed(stage)
    if spec.stream:
        properties["StreamSpecification"] = {"StreamViewType": spec.stream}
    if spec.expires:
        properties["TimeToLiveSpecification"] = {"AttributeName": "expires_at", "Enabled": True}
    return kept(stage, {"Type": "AWS::DynamoDB::Table", "Properties": properties})


def schema(spec: TableSpec) -> dict[str, Any]:
    """The keys and indexes of a table, in the words that CloudFormation and `CreateTable` share."""
    described: dict[str, Any] = {
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": _keys(spec.partition, spec.sort),
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": "N" if name in spec.numbers else "S"}
            for name in spec.attributes()
        ],
    }
    if spec.indexes:
        described["GlobalSecondaryIndexes"] = [
            {
                "IndexName": index.name,
                "KeySchema": _keys(index.partition, index.sort),
                "Projection": {"ProjectionType": index.projection}
                if isinstance(index.projection, str)
                else {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(index.projection)},
            }
            for index in spec.indexes
        ]
    return described


def _keys(partition: str, sort: str | None) -> list[dict[str, str]]:
    keys = [{"AttributeName": partition, "KeyType": "HASH"}]
    return keys + ([{"AttributeName": sort, "KeyType": "RANGE"}] if sort else [])


def _bucket(stage: Stage, name: str) -> dict[str, Any]:
    lives = {"": WORK_DAYS, "answers/": ANSWERS_DAYS} if name == "work" else dict.fromkeys(_DROPPED, UPLOADS_DAYS)
    rules: list[dict[str, Any]] = [
        {
            "Id": f"expire-{prefix.rstrip('/') or 'all'}",
            "Status": "Enabled",
            "Prefix": prefix,
            "ExpirationInDays": days - NONCURRENT_DAYS,
        }
        for prefix, days in lives.items()
    ]
    rules.append(
        {
            "Id": "tidy",
            "Status": "Enabled",
            "NoncurrentVersionExpiration": {"NoncurrentDays": NONCURRENT_DAYS},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
        }
    )
    properties = {
        "BucketName": sub(stage.names.bucket(name, "${AWS::AccountId}", "${AWS::Region}")),
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [
                options.keyed(
                    stage,
                    {
                        "BucketKeyEnabled": True,
                        "ServerSideEncryptionByDefault": {
                            "SSEAlgorithm": "aws:kms",
                            "KMSMasterKeyID": options.KEY,
                        },
                    },
                    {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}},
                )
            ]
        },
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        # What is removed from the work bucket is to be gone: no version of it stays.
        "VersioningConfiguration": {"Status": "Suspended" if name == "work" else "Enabled"},
        "LifecycleConfiguration": {"Rules": rules},
    }
    if name == "uploads":
        properties["CorsConfiguration"] = {"CorsRules": [_from_our_pages()]}
    return kept(stage, {"Type": "AWS::S3::Bucket", "Properties": properties})


def _from_our_pages() -> dict[str, Any]:
    """The console's pages, and no others, may post a file by a form; without it the browser would not let them see that
    it came. https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html"""
    scheme, host = ({"Fn::Select": [index, {"Fn::Split": ["/", {"Ref": "PublicUrl"}]}]} for index in (0, 2))
    return {
        "Id": "console",
        "AllowedOrigins": [{"Fn::Join": ["//", [scheme, host]]}],
        "AllowedMethods": ["POST"],
        "MaxAge": 3600,
    }


def _bucket_policy(stage: Stage, name: str) -> dict[str, Any]:
    arns = Arns(stage.names)
    return {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {
            "Bucket": {"Ref": f"{logical(name)}Bucket"},
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    deny_without_tls("s3:*", [sub(arns.bucket(name)), sub(arns.bucket(name, "*"))]),
                ],
            },
        },
    }


def deny_without_tls(action: str, resources: list[Any]) -> dict[str, Any]:
    """A resource policy's statement that refuses whatever comes without TLS."""
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": resources,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _secrets(stage: Stage) -> Resources:
    signing: dict[str, Any] = {
        "Type": "AWS::SecretsManager::Secret",
        "Properties": {
            "Name": stage.names.of("signing-key"),
            **options.encrypted(stage),
            "Description": "The keys that sign access tokens; made and rotated by rotate_signing_key.",
            "SecretString": "{}",
        },
    }
    app_keys: dict[str, Any] = {
        "Type": "AWS::SecretsManager::Secret",
        "Properties": {
            "Name": stage.names.of("app-keys"),
            **options.encrypted(stage),
            "Description": "The root of the keys of links, cursors, refresh tokens and webhook secrets.",
            "GenerateSecretString": {
                "SecretStringTemplate": "{}",
                "GenerateStringKey": "1",
                "PasswordLength": 64,
                "ExcludePunctuation": True,
            },
        },
    }
    return {"SigningKeySecret": kept(stage, signing), "AppKeysSecret": kept(stage, app_keys)}
