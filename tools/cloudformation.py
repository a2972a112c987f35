"""Deploys a template with boto3 alone: upload, change set, execute, wait, and say what failed."""

from __future__ import annotations

import hashlib
import json
import time
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tools import cloud
from tools.console import Problem, say

if TYPE_CHECKING:
    from pathlib import Path

DEADLINE_SECONDS = 1800
POLL_SECONDS = 0.5
"""In the local cloud a stack takes seconds; on AWS the pause grows to five."""


def deploy(
    stack: str, template: dict[str, Any], *, parameters: dict[str, str], code: Path | None, bucket: str
) -> bool:
    """Create or update a stack; False where nothing had to change.

    The template goes through S3, being above the 51,200 bytes that fit into a request; `code` is the deployment zip
    that its functions name. Raises Problem with the first failures' reasons.
    """
    _make_bucket(bucket)
    if code is not None:
        key = f"{stack}/{hashlib.sha256(code.read_bytes()).hexdigest()[:16]}.zip"
        cloud.client("s3").upload_file(str(code), bucket, key)
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::Serverless::Function":
                resource["Properties"]["CodeUri"] = f"s3://{bucket}/{key}"
    body = json.dumps(template).encode()
    template_key = f"{stack}/{hashlib.sha256(body).hexdigest()[:16]}.json"
    cloud.client("s3").put_object(Bucket=bucket, Key=template_key, Body=body)
    url = cloud.client("s3").generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": template_key})
    return _change(stack, url.partition("?")[0], parameters)


def outputs(stack: str) -> dict[str, str]:
    """The stack's outputs, by name; empty where there is no such stack."""
    found = _describe(stack)
    return {output["OutputKey"]: output["OutputValue"] for output in (found or {}).get("Outputs", [])}


def exists(stack: str) -> bool:
    found = _describe(stack)
    return found is not None and found["StackStatus"] != "REVIEW_IN_PROGRESS"


def delete(stack: str) -> None:
    """Delete a stack and wait. Raises Problem where something stands in the way."""
    if not exists(stack):
        return
    cloud.client("cloudformation").delete_stack(StackName=stack)
    _wait(stack, gone=True)


def _change(stack: str, url: str, parameters: dict[str, str]) -> bool:
    cloudformation = cloud.client("cloudformation")
    name = f"change-{int(time.time() * 1000)}"
    cloudformation.create_change_set(
        StackName=stack,
        ChangeSetName=name,
        ChangeSetType="UPDATE" if exists(stack) else "CREATE",
        TemplateURL=url,
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    for _ in _polls():
        change = cloudformation.describe_change_set(StackName=stack, ChangeSetName=name)
        if change["Status"] == "CREATE_COMPLETE":
            break
        if change["Status"] == "FAILED":
            reason = change.get("StatusReason", "")
            cloudformation.delete_change_set(StackName=stack, ChangeSetName=name)
            if "didn't contain changes" in reason or "No updates" in reason:
                return False
            raise Problem(f"CloudFormation refuses the template of {stack}: {reason}")
    cloudformation.execute_change_set(StackName=stack, ChangeSetName=name)
    _wait(stack)
    return True


def _wait(stack: str, *, gone: bool = False) -> None:
    for _ in _polls():
        found = _describe(stack)
        if found is None:
            if gone:
                return
            raise Problem(f"the stack {stack} is gone")
        status = found["StackStatus"]
        if status.endswith("_IN_PROGRESS"):
            continue
        if status == "DELETE_COMPLETE" and gone:
            return
        if status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            return
        raise Problem(f"{stack} ended in {status}:\n" + "\n".join(_failures(stack)))
    raise Problem(f"{stack} was not done within {DEADLINE_SECONDS // 60} minutes")


def _failures(stack: str) -> list[str]:
    events = cloud.client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
    failed = [event for event in reversed(events) if event["ResourceStatus"].endswith("_FAILED")]
    return [
        f"  {event['LogicalResourceId']} ({event['ResourceType']}): {event.get('ResourceStatusReason', '')}"
        for event in failed[:5]
    ]


def _describe(stack: str) -> dict[str, Any] | None:
    try:
        stacks = cloud.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return stacks[0] if stacks else None


def _polls() -> Any:
    """Yields until the deadline, pausing a little longer each time."""
    deadline, pause = time.monotonic() + DEADLINE_SECONDS, POLL_SECONDS
    while time.monotonic() < deadline:
        yield
        time.sleep(pause)
        pause = min(pause * 1.2, 5.0)


def _make_bucket(bucket: str) -> None:
    s3 = cloud.client("s3")
    try:
        s3.head_bucket(Bucket=bucket)
        return
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
            raise Problem(f"the bucket {bucket} for deployments is not yours: {error}") from error
    place = cloud.region()
    extra = {} if place == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": place}}
    s3.create_bucket(Bucket=bucket, **extra)
    s3.put_public_access_block(
        Bucket=bucket,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
    )
    s3.put_bucket_lifecycle_configuration(
        Bucket=bucket,
        LifecycleConfiguration={
            "Rules": [{"ID": "expire", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 30}}]
        },
    )
    say(f"  made the bucket {bucket} for deployments")
