"""An AWS account as a deployment sees it: CloudFormation with its states, refusals and rollbacks, and what it makes.

The rules are AWS's, where the emulators are kinder:

- states: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
- deletion policies: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
- imports: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-manually.html
- one index for a table and update, no replacement under one name.
"""

from __future__ import annotations

import json
import pickle
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


from botocore.exceptions import ClientError

ACCOUNT, REGION = "123456789012", "eu-central-1"

NAMED = {
    "AWS::DynamoDB::Table": "TableName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::SES::EmailIdentity": "EmailIdentity",
}
IDENTIFIED = {**NAMED, "AWS::SecretsManager::Secret": "Id"}
UPDATABLE = {
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
}


def _copy(value: Any) -> Any:
    """As `copy.deepcopy` makes it of JSON, in a quarter of its time."""
    return pickle.loads(pickle.dumps(value))


def refused(code: Any, message: Any = "", status: Any = 400) -> Any:
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "Operation")


class FakeAccount:
    """`account.client` is what `boto3.client` would be. `things` is what is there, by type and name."""

    def __init__(self) -> None:
        self.things: dict[tuple[Any, Any], Any] = {}
        self.buckets: dict[str, Any] = {}
        """Of others' too: name → {"owner", "objects", and what was put}."""
        self.cloudformation = FakeCloudFormation(self)
        self.time = 0.0
        self._clients = {
            "cloudformation": self.cloudformation,
            "s3": FakeS3(self),
            "dynamodb": FakeDynamoDb(self),
            "secretsmanager": FakeSecrets(self),
            "sesv2": FakeSes(self),
        }

    def client(self, service: Any) -> Any:
        return self._clients[service]

    def pause(self, seconds: Any) -> None:
        self.time += seconds

    def now(self) -> Any:
        return self.time

    def names(self, kind: Any) -> Any:
        return {name for each, name in self.things if each == kind}

    def make(self, kind: Any, name: Any, properties: Any) -> None:
        """Raises for what is there already."""
        if (kind, name) in self.things:
            raise Failure(f"{name} already exists")
        self.things[kind, name] = {**_copy(properties), "content": []}

    def drop(self, kind: Any, name: Any) -> None:
        if self.things[kind, name].get("DeletionProtectionEnabled"):
            raise Failure(f"{name} is protected against deletion")
        del self.things[kind, name]


class Failure(Exception):
    """Of one resource."""


class FakeCloudFormation:
    def __init__(self, account: Any) -> None:
        self.account = account
        self.stacks: dict[str, Any] = {}
        self.fails: set[str] = set()
        """Logical ids whose creation fails."""
        self.throttles = 0
        """How many of the next calls are throttled."""
        self.calls: list[Any] = []
        self._changes: dict[Any, Any] = {}

    def __getattribute__(self, name: Any) -> Any:
        found = object.__getattribute__(self, name)
        if name.startswith("_") or not callable(found):
            return found

        def called(**arguments: Any) -> Any:
            self.calls.append(name)
            if self.throttles:
                self.throttles -= 1
                raise refused("Throttling", "Rate exceeded")
            return found(**arguments)

        return called

    def describe_stacks(self, StackName: str) -> Any:
        stack = self._stack(StackName)
        status = stack["coming"].pop(0) if stack["coming"] else stack["status"]
        if status is None:
            del self.stacks[StackName]
            raise refused("ValidationError", f"Stack with id {StackName} does not exist")
        return {"Stacks": [{"StackName": StackName, "StackStatus": status, "Outputs": []}]}

    def get_template(self, StackName: str, TemplateStage: Any) -> Any:
        return {"TemplateBody": _copy(self._stack(StackName)["template"])}

    def list_stack_resources(self, StackName: str) -> Any:
        return {"StackResourceSummaries": [*self._stack(StackName)["resources"]]}

    def describe_stack_events(self, StackName: str, NextToken: Any = "0") -> Any:
        events = self._stack(StackName)["events"][::-1]
        start = int(NextToken)
        more = {"NextToken": str(start + 2)} if start + 2 < len(events) else {}
        return {"StackEvents": events[start : start + 2], **more}

    def create_change_set(
        self,
        StackName: str,
        ChangeSetName: str,
        ChangeSetType: Any,
        TemplateURL: Any,
        Parameters: Any,
        **rest: Any,
    ) -> None:
        there = self.stacks.get(StackName)
        if ChangeSetType == "UPDATE":
            if there is None:
                raise refused("ValidationError", f"Stack [{StackName}] does not exist")
            if there["status"] not in UPDATABLE or there["coming"]:
                raise refused(
                    "ValidationError", f"Stack:{StackName} is in {there['status']} and can not be updated."
                )
        elif ChangeSetType == "CREATE" and there and there["status"] != "REVIEW_IN_PROGRESS":
            raise refused("AlreadyExistsException", f"Stack [{StackName}] already exists")
        if there is None:
            self.stacks[StackName] = {
                "status": "REVIEW_IN_PROGRESS",
                "coming": [],
                "template": None,
                "parameters": {},
                "resources": {},
                "events": [],
            }
        template = self.account.client("s3").at(TemplateURL)
        old = self.stacks[StackName]["parameters"]
        parameters = {
            name: each["Default"] for name, each in template.get("Parameters", {}).items() if "Default" in each
        }
        for each in Parameters:
            name = each["ParameterKey"]
            parameters[name] = old[name] if each.get("UsePreviousValue") else each["ParameterValue"]
        if missing := template.get("Parameters", {}).keys() - parameters.keys():
            raise refused("ValidationError", f"Parameters: {sorted(missing)} must have values")
        imports = rest.get("ResourcesToImport", [])
        change = {"kind": ChangeSetType, "template": template, "parameters": parameters, "imports": imports}
        reason = self._why_not(StackName, change)
        change["status"] = ("FAILED", reason) if reason else ("CREATE_COMPLETE", "")
        self._changes[StackName, ChangeSetName] = change

    def describe_change_set(self, StackName: str, ChangeSetName: str, NextToken: Any = None) -> Any:
        change = self._changes[StackName, ChangeSetName]
        status, reason = change["status"]
        if not change.setdefault("looked", False):
            change["looked"] = True
            return {"Status": "CREATE_IN_PROGRESS"}
        replaced = [
            {"ResourceChange": {"LogicalResourceId": name, "ResourceType": kind, "Replacement": "True"}}
            for name, kind in self._replaced(StackName, change)
        ]
        return {"Status": status, "StatusReason": reason, "Changes": replaced}

    def delete_change_set(self, StackName: str, ChangeSetName: str) -> None:
        del self._changes[StackName, ChangeSetName]

    def execute_change_set(self, StackName: str, ChangeSetName: str) -> None:
        change = self._changes.pop((StackName, ChangeSetName))
        stack = self.stacks[StackName]
        self._event(
            StackName, StackName, "AWS::CloudFormation::Stack", f"{change['kind']}_IN_PROGRESS", "User Initiated"
        )
        before = _copy((stack["template"], stack["parameters"], stack["resources"], self.account.things))
        made: list[Any] = []
        try:
            self._carry_out(StackName, change, made)
        except Failure:
            stack["status"] = self._roll_back(stack, change, made, before)
        else:
            stack["status"] = f"{change['kind']}_COMPLETE"
            stack |= {"template": change["template"], "parameters": change["parameters"]}
        stack["coming"] = [f"{change['kind']}_IN_PROGRESS"]

    def continue_update_rollback(self, StackName: str) -> None:
        stack = self._stack(StackName)
        assert stack["status"] == "UPDATE_ROLLBACK_FAILED"
        stack |= {"status": "UPDATE_ROLLBACK_COMPLETE", "coming": ["UPDATE_ROLLBACK_IN_PROGRESS"]}

    def delete_stack(self, StackName: str) -> None:
        stack = self.stacks.get(StackName)
        if stack is None:
            return
        self._event(StackName, StackName, "AWS::CloudFormation::Stack", "DELETE_IN_PROGRESS", "User Initiated")
        for logical in list(stack["resources"]):
            kind, name, policy = stack["resources"][logical]
            if policy not in {"Retain", "RetainExceptOnCreate"}:
                try:
                    self.account.drop(kind, name)
                except Failure as failure:
                    self._event(StackName, logical, kind, "DELETE_FAILED", str(failure))
                    stack["status"] = "DELETE_FAILED"
                    return
            del stack["resources"][logical]
        stack |= {"status": None, "coming": ["DELETE_IN_PROGRESS", None]}

    def _stack(self, name: Any) -> Any:
        if name not in self.stacks:
            raise refused("ValidationError", f"Stack with id {name} does not exist")
        return self.stacks[name]

    def _event(self, stack: Any, logical: Any, kind: Any, status: Any, reason: Any) -> None:
        self.stacks[stack]["events"].append(
            {
                "LogicalResourceId": logical,
                "ResourceType": kind,
                "ResourceStatus": status,
                "ResourceStatusReason": reason,
            }
        )

    def _why_not(self, name: Any, change: Any) -> Any:
        stack = self.stacks[name]
        if change["kind"] == "IMPORT":
            return self._why_not_import(stack, change)
        if (stack["template"], stack["parameters"]) == (change["template"], change["parameters"]):
            return "The submitted information didn't contain changes. Submit different information."
        if holds_null(change["template"]):
            return "Template format error: null values are not allowed"
        return None

    def _why_not_import(self, stack: Any, change: Any) -> Any:
        template = change["template"]
        if template.get("Transform"):
            return "Transforms are not supported in an import"
        if template.get("Outputs", {}) != (stack["template"] or {}).get("Outputs", {}):
            return "As part of the import operation, you cannot modify or add [Outputs]"
        wanted = {each["LogicalResourceId"]: each for each in change["imports"]}
        known = stack["resources"].keys()
        before = (stack["template"] or {"Resources": {}})["Resources"]
        modified = any(template["Resources"].get(name) != each for name, each in before.items())
        if modified or template["Resources"].keys() - known != wanted.keys():
            return "You have modified resources in your template that are not being imported"
        held = {(kind, name) for each in self.stacks.values() for kind, name, _ in each["resources"].values()}
        for logical, each in wanted.items():
            resource = template["Resources"][logical]
            if "DeletionPolicy" not in resource:
                return (
                    f"The following resources to import [{logical}] must have DeletionPolicy attribute specified"
                )
            if re.search(r'"(Fn::If|Condition|Ref)"', json.dumps(resource["Properties"])):
                return "Template validation error: unresolved references"
            (key, value) = next(iter(each["ResourceIdentifier"].items()))
            if key != IDENTIFIED[each["ResourceType"]]:
                return f"{each['ResourceType']} is not identified by {key}"
            physical = (each["ResourceType"], value.rpartition(":")[2].removesuffix("-AbCdEf"))
            if physical not in self.account.things:
                return f"{value} does not exist"
            if physical in held:
                return f"{value} is in another stack"
        return None

    def _replaced(self, name: Any, change: Any) -> Iterator[Any]:
        """What CloudFormation would replace: another name, another key."""
        old = (self.stacks[name]["template"] or {"Resources": {}})["Resources"]
        for logical, resource in change["template"]["Resources"].items():
            if logical in old and resource["Type"] == old[logical]["Type"]:
                key = NAMED.get(resource["Type"], "none")
                for each in (key, "KeySchema"):
                    if old[logical]["Properties"].get(each) != resource["Properties"].get(each):
                        yield logical, resource["Type"]
                        break

    def _carry_out(self, name: Any, change: Any, made: Any) -> None:
        stack, template = self.stacks[name], change["template"]
        imported = {each["LogicalResourceId"] for each in change["imports"]}
        for logical, resource in template["Resources"].items():
            if not self._is_made(resource, template, change["parameters"]):
                continue
            kind, policy = resource["Type"], resource.get("DeletionPolicy", "Delete")
            properties = self._resolved(resource.get("Properties", {}), template, change["parameters"])
            physical = str(properties.get(NAMED.get(kind, ""), f"{name}/{logical}"))
            try:
                if logical in self.fails:
                    raise Failure(f"{logical} cannot be made")
                if logical in stack["resources"]:
                    self._update(stack["resources"][logical], kind, physical, properties)
                elif logical not in imported:
                    self.account.make(kind, physical, properties)
                    made.append((kind, physical, policy))
                stack["resources"][logical] = (kind, physical, policy)
            except Failure as failure:
                self._event(name, logical, kind, "CREATE_FAILED", str(failure))
                self._event(name, "Another", kind, "CREATE_FAILED", "Resource creation cancelled")
                raise
        for logical in stack["resources"].keys() - template["Resources"].keys():
            kind, physical, policy = stack["resources"].pop(logical)
            if policy == "Delete":
                self.account.drop(kind, physical)

    def _update(self, was: Any, kind: Any, name: Any, properties: Any) -> None:
        _, old_name, _ = was
        if old_name != name:
            self.account.make(kind, name, properties)
            return
        there = self.account.things[kind, name]
        if there.get("KeySchema") != properties.get("KeySchema"):
            raise Failure("CloudFormation cannot update a stack when a custom-named resource requires replacing")
        old, new = (
            {index["IndexName"]: index for index in each.get("GlobalSecondaryIndexes", [])}
            for each in (there, properties)
        )
        if len(old.keys() ^ new.keys()) > 1:
            raise Failure("Cannot perform more than one GSI creation or deletion in a single update")
        if old.keys() != new.keys():
            if there.get("building"):
                raise Failure(
                    "Subscriber limit exceeded: Only 1 online index can be created simultaneously per table"
                )
            properties = {**properties, "building": 3}
        if any(old[index] != new[index] for index in old.keys() & new.keys()):
            raise Failure("Cannot update GSI's properties other than Provisioned Throughput")
        keys = {key["AttributeName"] for each in (properties, *new.values()) for key in each.get("KeySchema", [])}
        if keys != {each["AttributeName"] for each in properties.get("AttributeDefinitions", [])}:
            raise Failure(
                "Number of attributes in KeySchema does not exactly match number of AttributeDefinitions"
            )
        self.account.things[kind, name] = {
            "building": there.get("building", 0),
            **_copy(properties),
            "content": there["content"],
        }

    def _roll_back(self, stack: Any, change: Any, made: Any, before: Any) -> Any:
        template, parameters, resources, things = before
        stuck = []
        for kind, name, policy in made:
            if self.account.things[kind, name].get("DeletionProtectionEnabled") and policy != "Retain":
                stuck.append((kind, name))
        kept = {(kind, name) for kind, name, policy in made if policy == "Retain"} | set(stuck)
        kept_things = {each: self.account.things[each] for each in kept}
        self.account.things = {**things, **kept_things}
        stack |= {"template": template, "parameters": parameters, "resources": resources}
        if change["kind"] == "CREATE":
            stack["template"] = change["template"]
            stack["resources"] = {name: (kind, name, "RetainExceptOnCreate") for kind, name in stuck}
            return "ROLLBACK_FAILED" if stuck else "ROLLBACK_COMPLETE"
        return f"{change['kind']}_ROLLBACK_{'FAILED' if stuck else 'COMPLETE'}"

    def _is_made(self, resource: Any, template: Any, parameters: Any) -> Any:
        if "Condition" not in resource:
            return True
        return self._holds(template["Conditions"][resource["Condition"]], template, parameters)

    def _holds(self, condition: Any, template: Any, parameters: Any) -> Any:
        if "Condition" in condition:
            return self._is_made(condition, template, parameters)
        if "Fn::Not" in condition:
            return not self._holds(condition["Fn::Not"][0], template, parameters)
        (left, right) = condition["Fn::Equals"]
        return self._resolved(left, template, parameters) == right

    def _resolved(self, value: Any, template: Any, parameters: Any) -> Any:
        if isinstance(value, list):
            return [self._resolved(each, template, parameters) for each in value]
        if not isinstance(value, dict):
            return value
        if "Fn::If" in value:
            condition, then, otherwise = value["Fn::If"]
            holds = self._is_made({"Condition": condition}, template, parameters)
            return self._resolved(then if holds else otherwise, template, parameters)
        if "Ref" in value and value["Ref"] in parameters:
            return parameters[value["Ref"]]
        if isinstance(value.get("Fn::Sub"), str):
            return value["Fn::Sub"].replace("${AWS::AccountId}", ACCOUNT).replace("${AWS::Region}", REGION)
        resolved = {name: self._resolved(each, template, parameters) for name, each in value.items()}
        return {name: each for name, each in resolved.items() if each != {"Ref": "AWS::NoValue"}}


def holds_null(value: Any) -> Any:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return value is None or any(map(holds_null, inner))


class FakeS3:
    """Buckets with owners. Nothing but `create_bucket` may be called without `ExpectedBucketOwner`."""

    def __init__(self, account: Any) -> None:
        self._account = account
        self.meta = SimpleNamespace(endpoint_url=f"https://s3.{REGION}.amazonaws.com")
        self.uploads = 0

    def at(self, url: Any) -> Any:
        bucket, _, key = url.removeprefix(self.meta.endpoint_url + "/").partition("/")
        return json.loads(self._account.buckets[bucket]["objects"][key])

    def create_bucket(self, Bucket: str, CreateBucketConfiguration: Any = None) -> None:
        if Bucket in self._account.buckets:
            raise refused("BucketAlreadyExists", status=409)
        self._account.buckets[Bucket] = {"owner": ACCOUNT, "objects": {}}

    def head_bucket(self, **arguments: Any) -> None:
        self._bucket(arguments)

    def put_object(self, **arguments: Any) -> None:
        self._bucket(arguments)["objects"][arguments["Key"]] = arguments["Body"]

    def head_object(self, **arguments: Any) -> Any:
        objects = self._bucket(arguments)["objects"]
        if arguments["Key"] not in objects:
            raise refused("404", status=404)
        return {"ContentLength": len(objects[arguments["Key"]])}

    def upload_file(self, file: Any, bucket: Any, key: Any, ExtraArgs: Any) -> None:
        with open(file, "rb") as opened:
            self._bucket({"Bucket": bucket, **ExtraArgs})["objects"][key] = opened.read()
        self.uploads += 1

    def __getattr__(self, name: Any) -> Any:
        if not name.startswith("put_"):
            raise AttributeError(name)

        def put(**arguments: Any) -> None:
            self._bucket(arguments)[name.removeprefix("put_")] = {
                key: value for key, value in arguments.items() if key not in {"Bucket", "ExpectedBucketOwner"}
            }

        return put

    def _bucket(self, arguments: Any) -> Any:
        name, owner = arguments["Bucket"], arguments["ExpectedBucketOwner"]
        if ("AWS::S3::Bucket", name) in self._account.things:
            return {"owner": ACCOUNT, "objects": {}}
        if name not in self._account.buckets:
            raise refused("404", status=404)
        if self._account.buckets[name]["owner"] != owner:
            raise refused("403", status=403)
        return self._account.buckets[name]


class FakeDynamoDb:
    def __init__(self, account: Any) -> None:
        self._account = account

    def describe_table(self, TableName: str) -> Any:
        table = self._account.things.get(("AWS::DynamoDB::Table", TableName))
        if table is None:
            raise refused("ResourceNotFoundException")
        copied = {
            key: _copy(table[key])
            for key in ("KeySchema", "DeletionProtectionEnabled", "StreamSpecification")
            if key in table
        }
        if "SSESpecification" in table:
            copied["SSEDescription"] = {"Status": "ENABLED"}
        # AWS keeps neither the order of definitions nor that of a projection's attributes.
        copied["AttributeDefinitions"] = table["AttributeDefinitions"][::-1]
        copied["GlobalSecondaryIndexes"] = _copy(table.get("GlobalSecondaryIndexes", []))[::-1]
        building = table["building"] = max(0, table.get("building", 0) - 1)
        for index in copied["GlobalSecondaryIndexes"]:
            index["IndexStatus"] = "CREATING" if building else "ACTIVE"
            if "NonKeyAttributes" in index["Projection"]:
                index["Projection"]["NonKeyAttributes"].reverse()
        return {"Table": copied}

    def describe_time_to_live(self, TableName: str) -> Any:
        table = self._account.things["AWS::DynamoDB::Table", TableName]
        if "TimeToLiveSpecification" not in table:
            return {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}
        name = table["TimeToLiveSpecification"]["AttributeName"]
        return {"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": name}}


class FakeSecrets:
    def __init__(self, account: Any) -> None:
        self._account = account

    def describe_secret(self, SecretId: str) -> Any:
        secret = self._account.things.get(("AWS::SecretsManager::Secret", SecretId))
        if secret is None:
            raise refused("ResourceNotFoundException")
        arn = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{SecretId}-AbCdEf"
        return {"ARN": arn, **({"DeletedDate": "soon"} if secret.get("deleted") else {})}


class FakeSes:
    def __init__(self, account: Any) -> None:
        self._account = account

    def get_email_identity(self, EmailIdentity: Any) -> Any:
        if ("AWS::SES::EmailIdentity", EmailIdentity) not in self._account.things:
            raise refused("NotFoundException", status=404)
        return {"IdentityType": "DOMAIN"}
