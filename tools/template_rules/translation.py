"""What CloudFormation makes of a SAM template, by the transform's own code."""

from __future__ import annotations

import copy
import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tools.template_rules.findings import Template

# It counts what it does, and warns of counts that nobody asked for.
logging.getLogger("samtranslator.metrics.metrics").setLevel(logging.ERROR)

CODE = "s3://deployments/deployment.zip"
"""The transform takes code from S3 only; deploying replaces the packaged template's local path by such a one."""


class _NoPolicies:
    """No role of ours has a managed policy."""

    def load(self) -> dict[str, str]:
        return {}


def translated(template: Template) -> Template:
    """The template after the transform, or as it is where it asks for none."""
    from samtranslator.translator.transform import transform  # a second, which few of a test run's processes need

    given: dict[str, Any] = copy.deepcopy(template)
    if "Transform" not in given:
        return given
    for resource in given["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = CODE
    made: Template = transform(given, {}, _NoPolicies())
    return made
