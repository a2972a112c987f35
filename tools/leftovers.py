"""Resources that a deleted stack left behind under the fixed names of a stage, and the template that imports them.

The rules of an import are on
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-manually.html: each resource has a
deletion policy, and the change contains nothing else and no output. Afterwards CloudFormation compares templates only
with templates, never with the live resources. So the template of the import describes a table as DynamoDB does.
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

RETAINING_POLICIES = {"Retain", "RetainExceptOnCreate"}
_NAMES = {
    "AWS::DynamoDB::Table": "TableName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::SES::EmailIdentity": "EmailIdentity",
}


class Leftovers:
    """Finds resources that a template would create and that exist already. `client` gives boto3's client of a
    service."""

    def __init__(
        self, client: Callable[[str], Any], *, account: str, region: str, parameters: dict[str, str]
    ) -> None:
        self._client, self._parameters = client, parameters
        self._values = {"AWS::AccountId": account, "AWS::Region": region, "AWS::Partition": "aws"}
        self._account = account

    def imports(self, template: Template) -> list[dict[str, Any]]:
        """The resources to import, as `CreateChangeSet` takes them; empty where nothing was left behind.

        Raises Problem where a secret of that name is being deleted, or a bucket of that name belongs to somebody else.
        """
        imports: list[dict[str, Any]] = []
        for logical, resource in template["Resources"].items():
            has_fixed_name = _NAMES.get(resource["Type"]) in resource.get("Properties", {})
            if (
                has_fixed_name
                and resource.get("DeletionPolicy") in RETAINING_POLICIES
                and self._condition_holds(template, resource)
            ):
                identifier = self._identifier(resource)
                if identifier:
                    imports.append(
                        {
                            "ResourceType": resource["Type"],
                            "LogicalResourceId": logical,
                            "ResourceIdentifier": identifier,
                        }
                    )
        return imports

    def template(self, template: Template, imports: list[dict[str, Any]]) -> Template:
        """The part of a template that an import of these resources may contain."""
        resources: dict[str, Any] = {}
        for resource_import in imports:
            resource = template["Resources"][resource_import["LogicalResourceId"]]
            properties = {**resource["Properties"], _NAMES[resource["Type"]]: self._name(resource)}
            if resource["Type"] == "AWS::DynamoDB::Table":
                properties = self._live_properties(properties)
            else:
                properties = {name: value for name, value in properties.items() if not _refers(value)}
            resources[resource_import["LogicalResourceId"]] = {
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

    def _condition_holds(self, template: Template, resource: dict[str, Any]) -> bool:
        """Whether a resource's condition, which compares a parameter with a text, is true; true without a condition."""
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

    def _live_properties(self, new_properties: dict[str, Any]) -> dict[str, Any]:
        """A table's properties as DynamoDB describes them, which may be those of an earlier version. An index that is
        as in `new_properties` keeps the form that it has there, without what may depend on a condition.

        Point-in-time recovery is left out, because it may be turned on twice. To turn on one of the others twice is an
        error, and CloudFormation does that where the template of the import lacks them.
        """
        name = new_properties["TableName"]
        table = self._table(name) or {}
        time_to_live = self._client("dynamodb").describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        live_properties = {
            "TableName": name,
            "BillingMode": new_properties["BillingMode"],
            "KeySchema": table["KeySchema"],
            "AttributeDefinitions": _in_order(
                table["AttributeDefinitions"], new_properties["AttributeDefinitions"]
            ),
            "DeletionProtectionEnabled": table.get("DeletionProtectionEnabled", False),
        }
        if live_indexes := table.get("GlobalSecondaryIndexes"):
            live_by_name = {index["IndexName"]: steps.fixed(index) for index in live_indexes}
            unchanged = {
                index: steps.fixed(described)
                for index, described in steps.indexes({"Properties": new_properties}).items()
                if index in live_by_name and steps.shape(live_by_name[index]) == steps.shape(described)
            }
            live_properties["GlobalSecondaryIndexes"] = list({**unchanged, **live_by_name, **unchanged}.values())
        if stream := table.get("StreamSpecification", {}).get("StreamViewType"):
            live_properties["StreamSpecification"] = {"StreamViewType": stream}
        if "SSEDescription" in table:
            live_properties["SSESpecification"] = {"SSEEnabled": True}
        if time_to_live["TimeToLiveStatus"] in {"ENABLED", "ENABLING"}:
            live_properties["TimeToLiveSpecification"] = {
                "AttributeName": time_to_live["AttributeName"],
                "Enabled": True,
            }
        return live_properties


def _in_order(live: list[dict[str, str]], new: list[dict[str, str]]) -> list[dict[str, str]]:
    """The live definitions, in the order of the new ones: CloudFormation takes another order for a change."""
    return [definition for definition in new if definition in live] + [
        definition for definition in live if definition not in new
    ]


def _refers(value: Any) -> bool:
    """Whether a value refers to another resource, a parameter or a condition, which the template of an import lacks."""
    if isinstance(value, list):
        return any(map(_refers, value))
    if not isinstance(value, dict):
        return False
    if "Ref" in value:
        return not str(value["Ref"]).startswith("AWS::")
    if "Fn::Sub" in value:
        return any(not name.startswith("AWS::") for name in re.findall(r"\$\{([^}]+)\}", str(value["Fn::Sub"])))
    return any(key.startswith("Fn::") or key == "Condition" for key in value) or any(map(_refers, value.values()))
