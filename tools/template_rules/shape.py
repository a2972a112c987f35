"""Rules for any template, whatever its resources are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.template_rules.findings import Finding, Template

RESOURCES = 450
BYTES = 900_000
"""A tenth below CloudFormation's limits of 500 resources and 1 MB, so that there is room for additions:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""

PARAMETERS = 200
OUTPUTS = 200
DESCRIPTION = 1024


def faults(template: Template) -> list[Finding]:
    """Nulls, sizes above the limits, and deletion policies that keep what a failed deployment created."""
    findings: list[Finding] = [("NULL", path, "CloudFormation takes no null") for path in _nulls(template, "")]
    size = len(json.dumps(template).encode())
    sizes = (
        ("bytes", size, BYTES),
        ("resources", len(template["Resources"]), RESOURCES),
        ("parameters", len(template.get("Parameters", {})), PARAMETERS),
        ("outputs", len(template.get("Outputs", {})), OUTPUTS),
        ("bytes of description", len(template.get("Description", "").encode()), DESCRIPTION),
    )
    findings += [("SIZE", "", f"{has} {what}, above {most}") for what, has, most in sizes if has > most]
    for name, resource in template["Resources"].items():
        findings += [("RETAINED", name, fault) for fault in _deletion_faults(resource)]
    return findings


def _nulls(value: Any, path: str) -> Iterator[str]:
    if value is None:
        yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield from _nulls(inner, f"{path}/{key}")


def _deletion_faults(resource: dict[str, Any]) -> Iterator[str]:
    """A resource that stays after a failed first deployment keeps its name, and no second deployment can create it.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html"""
    # SAM keeps a function's old versions, which have no name of their own and end with the function.
    is_version = resource["Type"] == "AWS::Lambda::Version"
    if resource.get("DeletionPolicy") == "Retain" and not is_version:
        yield "stays after a first deployment that failed: RetainExceptOnCreate does not"
    if resource.get("UpdateReplacePolicy", "Delete") not in {"Delete", "Retain", "Snapshot"}:
        yield "UpdateReplacePolicy knows Delete, Retain and Snapshot"
    for key in ("DeletionProtectionEnabled", "DeletionProtection"):
        if resource.get("Properties", {}).get(key) in (True, "true", "ACTIVE"):
            yield f"{key} from the first moment on: a first deployment that fails cannot be taken back"
