"""Templates of a resource or two, to break."""

from __future__ import annotations

from typing import Any

from tools import template_rules


def template(**resources: dict[str, Any]) -> dict[str, Any]:
    return {"Resources": resources}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def role(*statements: dict[str, Any], trusted: str = "lambda.amazonaws.com", **condition: Any) -> dict[str, Any]:
    trust = {"Effect": "Allow", "Principal": {"Service": trusted}, "Action": "sts:AssumeRole", **condition}
    policies = [{"PolicyName": "work", "PolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)}}]
    return resource("IAM::Role", AssumeRolePolicyDocument={"Statement": [trust]}, Policies=policies)


def allow(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def checks(given: dict[str, Any]) -> list[str]:
    """The checks that find something."""
    return [check for check, _, _ in template_rules.faults(given)]


def said(given: dict[str, Any]) -> list[str]:
    """What they say."""
    return [message for _, _, message in template_rules.faults(given)]
