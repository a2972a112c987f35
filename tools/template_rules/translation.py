"""Applies the transform of SAM to a template, with the transform's own code, as CloudFormation does it."""

from __future__ import annotations

import copy
import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tools.template_rules.findings import Template

# The transform counts its own calls, and logs warnings about these counts that nobody needs.
logging.getLogger("samtranslator.metrics.metrics").setLevel(logging.ERROR)

CODE = "s3://deployments/deployment.zip"
"""The transform takes code from S3 only; deploying replaces the packaged template's local path by such a one."""


class _NoPolicies:
    """An empty list of managed policies: none of Rollcall's roles has one."""

    def load(self) -> dict[str, str]:
        return {}


def translated(template: Template) -> Template:
    """The template after the transform; unchanged where it names no transform."""
    from samtranslator.translator.transform import transform  # a second, which few of a test run's processes need

    sam_template: dict[str, Any] = copy.deepcopy(template)
    if "Transform" not in sam_template:
        return sam_template
    for resource in sam_template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = CODE
    translated_template: Template = transform(sam_template, {}, _NoPolicies())
    return translated_template
