"""What a deleted stack left behind under the fixed names of a stage, and the template that takes it back.

The rules of an import are on
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-manually.html: each resource has a
deletion policy, the change holds nothing else, and no output. Afterwards CloudFormation compares templates, never
with what is there: so the template of the import says of a table what DynamoDB says of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tools import steps
from tools.console import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.steps import Template

KEPT = {"Retain", "RetainExceptOnCreate"}
_NAMES = {
    "AWS::DynamoDB::Table": "TableName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::SES::EmailIdentity": "EmailIdentity",
}


class Leftovers:
    """Looks for what a template would make, but which is there already. `client` gives boto3's client of a service."""

    def __init__(
        self, client: Callable[[str], Any], *, account: str, region: str, parameters: dict[str, str]
    ) -> None:
        self._client, self._parameters = client, parameters
        self._values = {"AWS::AccountId": account, "AWS::Region": region, "AWS::Partition": "aws"}
        self._account = account

    def found(self, template: Template) -> list[dict[str, Any]]:
        """The resources to import, as `CreateChangeSet` takes them; empty where nothing was left behind.

        Raises Problem where a secret of that name is being deleted, or a bucket of it is somebody else's.
        """
        found: list[dict[str, Any]] = []
        for logical, resource in template["Resources"].items():
            named = _NAMES.get(resource["Type"]) in resource.get("Properties", {})
            if named and resource.get("DeletionPolicy") in KEPT and self._is_made(template, resource):
                identifier = self._identifier(resource)
                if identifier:
                    found.append(
                        {
                            "ResourceType": resource["Type"],
                            "LogicalResourceId": logical,
                            "ResourceIdentifier": identifier,
                        }
                    )
        return found

    def template(self, template: Template, found: list[dict[str, Any]]) -> Template:
        """The part of a template that an import of these resources may hold."""
        resources: dict[str, Any] = {}
        for each in found:
            resource = template["Resources"][each["LogicalResourceId"]]
            properties = {name: value for name, value in resource["Properties"].items() if not _refers(value)}
            properties[_NAMES[resource["Type"]]] = self._name(resource)
            if resource["Type"] == "AWS::DynamoDB::Table":
                properties = self._as_it_is(properties)
            resources[each["LogicalResourceId"]] = {
                "Type": resource["Type"],
                "DeletionPolicy": "Retain",
                "UpdateReplacePolicy": "Retain",
                "Properties": properties,
            }
        return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}

    def _identifier(self, resource: dict[str, Any]) -> dict[str, str] | None:
        name = self._name(resource)
        if resource["Type"] == "AWS::DynamoDB::Table":
            return {"TableName": name} if self._table(name) else None
        if resource["Type"] == "AWS::S3::Bucket":
            return {"BucketName": name} if self._has_bucket(name) else None
        if resource["Type"] == "AWS::SES::EmailIdentity":
            return {"EmailIdentity": name} if self._has_identity(name) else None
        arn = self._secret(name)
        return {"Id": arn} if arn else None

    def _is_made(self, template: Template, resource: dict[str, Any]) -> bool:
        """Whether a resource's condition holds, which compares a parameter with a text."""
        if "Condition" not in resource:
            return True
        parameter, text = template["Conditions"][resource["Condition"]]["Fn::Equals"]
        name = parameter["Ref"]
        return bool(self._parameters.get(name, template["Parameters"][name].get("Default")) == text)

    def _name(self, resource: dict[str, Any]) -> str:
        value = resource["Properties"][_NAMES[resource["Type"]]]
        if isinstance(value, dict) and "Ref" in value:
            return self._parameters[value["Ref"]]
        text = value["Fn::Sub"] if isinstance(value, dict) else value
        return re.sub(r"\$\{([^}]+)\}", lambda match: self._values[match[1]], text)

    def _has_identity(self, name: str) -> bool:
        try:
            self._client("sesv2").get_email_identity(EmailIdentity=name)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NotFoundException":
                return False
            raise
        return True

    def _table(self, name: str) -> dict[str, Any] | None:
        try:
            table: dict[str, Any] = self._client("dynamodb").describe_table(TableName=name)["Table"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return None
            raise
        return table

    def _has_bucket(self, name: str) -> bool:
        try:
            self._client("s3").head_bucket(Bucket=name, ExpectedBucketOwner=self._account)
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            if status == 404:
                return False
            raise Problem(f"the bucket {name} is there, and not yours in this region ({status})") from error
        return True

    def _secret(self, name: str) -> str | None:
        try:
            secret = self._client("secretsmanager").describe_secret(SecretId=name)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return None
            raise
        if secret.get("DeletedDate"):
            raise Problem(
                f"the secret {name} is being deleted: `aws secretsmanager restore-secret --secret-id {name}`, or wait"
            )
        return str(secret["ARN"])

    def _as_it_is(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """A table's properties as DynamoDB tells of them, which may be those of an earlier version; what is as wanted
        keeps its words.

        Point-in-time recovery is left out, which may be turned on twice. Turning on the others twice is an error, and
        CloudFormation does it where the template of the import lacks them.
        """
        name = wanted["TableName"]
        table = self._table(name) or {}
        lives = self._client("dynamodb").describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        there = {
            "TableName": name,
            "BillingMode": wanted["BillingMode"],
            "KeySchema": table["KeySchema"],
            "AttributeDefinitions": _in_order(table["AttributeDefinitions"], wanted["AttributeDefinitions"]),
            "DeletionProtectionEnabled": table.get("DeletionProtectionEnabled", False),
        }
        if found := table.get("GlobalSecondaryIndexes"):
            live = {
                index["IndexName"]: {key: index[key] for key in ("IndexName", "KeySchema", "Projection")}
                for index in found
            }
            same = {
                index: described
                for index, described in steps.indexes({"Properties": wanted}).items()
                if index in live and steps.shape(live[index]) == steps.shape(described)
            }
            there["GlobalSecondaryIndexes"] = list({**same, **live, **same}.values())
        if stream := table.get("StreamSpecification", {}).get("StreamViewType"):
            there["StreamSpecification"] = {"StreamViewType": stream}
        if "SSEDescription" in table:
            there["SSESpecification"] = {"SSEEnabled": True}
        if lives["TimeToLiveStatus"] in {"ENABLED", "ENABLING"}:
            there["TimeToLiveSpecification"] = {"AttributeName": lives["AttributeName"], "Enabled": True}
        return there


def _in_order(found: list[dict[str, str]], wanted: list[dict[str, str]]) -> list[dict[str, str]]:
    """The same definitions, in the order of those that are wanted: another order is a change to CloudFormation."""
    return [each for each in wanted if each in found] + [each for each in found if each not in wanted]


def _refers(value: Any) -> bool:
    """Whether a value refers to another resource, a parameter or a condition, which an import does not hold."""
    if isinstance(value, list):
        return any(map(_refers, value))
    if not isinstance(value, dict):
        return False
    if "Ref" in value:
        return not str(value["Ref"]).startswith("AWS::")
    if "Fn::Sub" in value:
        return any(not name.startswith("AWS::") for name in re.findall(r"\$\{([^}]+)\}", str(value["Fn::Sub"])))
    return any(key.startswith("Fn::") or key == "Condition" for key in value) or any(map(_refers, value.values()))
