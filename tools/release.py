"""`python -m tools.release`: records what the version in `pyproject.toml` deploys, as part of its release.

The record, `infra/released/<version>.json`, holds the properties of every named resource that CloudFormation can change
only by making another resource ("Update requires: Replacement" in its template reference), and the indexes of tables.
Later versions are compared with it: owners must be able to update from each version to the next with all data.
"""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any

from infra import template as templates
from infra.stage import ALL_ON, ROOT, Stage
from tools import steps
from tools.console import Problem, main_of, say

if TYPE_CHECKING:
    from tools.steps import Template

RELEASED = ROOT / "infra" / "released"

FIXED = {
    "AWS::DynamoDB::Table": ("TableName", "KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes"),
    "AWS::Kinesis::Stream": ("Name",),
    "AWS::Logs::LogGroup": ("LogGroupName",),
    "AWS::S3::Bucket": ("BucketName",),
    "AWS::SecretsManager::Secret": ("Name",),
    "AWS::SES::ConfigurationSet": ("Name",),
    "AWS::SNS::Topic": ("TopicName", "FifoTopic"),
    "AWS::SQS::Queue": ("QueueName", "FifoQueue"),
    "AWS::StepFunctions::StateMachine": ("StateMachineName", "StateMachineType"),
}
"""By type: the property that holds the name, then the properties that are fixed under that name. A table's indexes are
not fixed, but only one of them can change at a time."""

_HOLDS_DATA = {"AWS::DynamoDB::Table", "AWS::Kinesis::Stream", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"}

MOVED = {
    "0.2.0": {
        "UploadsBucket": "bucket names carry the region",
        "UploadsCopyBucket": "bucket names carry the region",
        "WorkBucket": "bucket names carry the region",
    }
}
"""By version, the resources that it leaves behind under an old name, and why. `docs/upgrading.md` says how their
content moves."""


def version() -> str:
    """The version that is being worked on, or has just been released."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def ordered(name: str) -> tuple[int, ...]:
    """A version as numbers, to compare. Raises Problem for text that is not three numbers as SemVer writes them."""
    if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", name):
        raise Problem(f"{name!r} is not a version like 1.2.3")
    return tuple(map(int, name.split(".")))


def record() -> Template:
    """The fixed properties of what today's sources deploy."""
    deployed = templates.merge(Stage("prod", ALL_ON))["Resources"]
    return {
        "Resources": {
            logical: {
                "Type": resource["Type"],
                "Properties": {
                    name: resource["Properties"][name]
                    for name in FIXED[resource["Type"]]
                    if name in resource["Properties"]
                },
            }
            for logical, resource in sorted(deployed.items())
            if resource.get("Type") in FIXED
        }
    }


def problems(before: Template, after: Template, moved: dict[str, str]) -> list[str]:
    """What prevents an update from `before` to `after` with all data, each in a few words. The resources in `moved` are
    left out."""
    faults = steps.impossible(before, after)
    for logical, old_resource in before["Resources"].items():
        new_resource = after["Resources"].get(logical)
        if new_resource is None:
            if old_resource["Type"] in _HOLDS_DATA and logical not in moved:
                faults.append(f"{logical} is gone, and what is in it")
        elif old_resource["Type"] != new_resource["Type"]:
            faults.append(f"{logical} is of another type")
        elif old_resource["Type"] != steps.TABLE or _physical_name(old_resource) != _physical_name(new_resource):
            faults += _replaced(logical, old_resource, new_resource, moved)
    return faults


def _physical_name(resource: dict[str, Any]) -> Any:
    return resource["Properties"].get(FIXED[resource["Type"]][0])


def _replaced(
    logical: str, old_resource: dict[str, Any], new_resource: dict[str, Any], moved: dict[str, str]
) -> list[str]:
    if _physical_name(old_resource) != _physical_name(new_resource):
        return (
            [f"{logical} has another name"] if old_resource["Type"] in _HOLDS_DATA and logical not in moved else []
        )
    return (
        [f"{logical} is another one under the same name"]
        if old_resource["Properties"] != new_resource["Properties"]
        else []
    )


def main() -> None:
    path = RELEASED / f"{version()}.json"
    today = json.dumps(record(), indent=1) + "\n"
    if path.exists() and path.read_text("utf-8") != today:
        raise Problem(f"{version()} is released, and was another one: raise the version in pyproject.toml")
    path.write_text(today, "utf-8")
    say(f"  wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main_of(main)
