"""Sizes of the contents of resources: policies, environments, alarms, dashboards, secrets, tables."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tools.template_rules.resolving import PSEUDO, filled, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.template_rules.findings import Finding, Template

INLINE_POLICIES = 10_240
"""Characters of all inline policies of a role, without white space: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""

RESOURCE_POLICIES = {
    # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
    "AWS::SQS::QueuePolicy": ("PolicyDocument", 8192),
    # https://docs.aws.amazon.com/general/latest/gr/sns.html
    "AWS::SNS::TopicPolicy": ("PolicyDocument", 30_720),
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-policy-language-overview.html
    "AWS::S3::BucketPolicy": ("PolicyDocument", 20_480),
    # https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
    "AWS::KMS::Key": ("KeyPolicy", 32_768),
}

ENVIRONMENT = 4096
"""Bytes of names and values: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

RESERVED = re.compile(r"_HANDLER|_X_AMZN_TRACE_ID|LAMBDA_\w+|AWS_(?!XRAY_)\w+")
"""https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"""

ALARM_SECONDS = 86_400
ALARM_ACTIONS = 5
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""

DASHBOARD_METRICS = 2500
WIDGET_METRICS = 500
DASHBOARD_WIDGETS = 500
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html"""


INDEXES = 20
PROJECTED = 100
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html"""


def faults(template: Template) -> list[Finding]:
    """Contents that are larger than the service accepts, or that it refuses for another reason."""
    rules = {
        "AWS::IAM::Role": _role_faults,
        "AWS::Lambda::Function": _function_faults,
        "AWS::CloudWatch::Alarm": _alarm_faults,
        "AWS::CloudWatch::Dashboard": _dashboard_faults,
        "AWS::SecretsManager::Secret": _secret_faults,
        "AWS::DynamoDB::Table": _table_faults,
        **dict.fromkeys(RESOURCE_POLICIES, _policy_faults),
    }
    return [
        ("LIMIT", name, fault)
        for name, resource in template["Resources"].items()
        if resource["Type"] in rules
        for fault in rules[resource["Type"]](template, resource)
    ]


def _characters(document: Any, template: Template) -> int:
    return len(json.dumps(filled(document, template), separators=(",", ":")))


def _role_faults(template: Template, role: dict[str, Any]) -> Iterator[str]:
    policies = [policy["PolicyDocument"] for policy in role["Properties"].get("Policies", [])]
    size = sum(_characters(document, template) for document in policies)
    if size > INLINE_POLICIES:
        yield f"its inline policies have {size} characters, above {INLINE_POLICIES}"


def _policy_faults(template: Template, resource: dict[str, Any]) -> Iterator[str]:
    key, most = RESOURCE_POLICIES[resource["Type"]]
    size = _characters(resource["Properties"][key], template)
    if size > most:
        yield f"its policy has {size} bytes, above {most}"


def _function_faults(template: Template, function: dict[str, Any]) -> Iterator[str]:
    variables = function["Properties"].get("Environment", {}).get("Variables", {})
    size = len(json.dumps(filled(variables, template), separators=(",", ":")).encode())
    if size > ENVIRONMENT:
        yield f"its environment has {size} bytes, above {ENVIRONMENT}"
    for name in variables:
        if RESERVED.fullmatch(name):
            yield f"{name} is Lambda's own"


def _alarm_faults(_: Template, alarm: dict[str, Any]) -> Iterator[str]:
    properties = alarm["Properties"]
    if ("Statistic" in properties) + ("ExtendedStatistic" in properties) + ("Metrics" in properties) != 1:
        yield "has one of Statistic, ExtendedStatistic and Metrics"
    extended = properties.get("ExtendedStatistic", "p99")
    if not re.fullmatch(r"p(100|\d{1,2}(\.\d{1,10})?)|(tm|tc|ts|wm)\d+|IQM|(PR|TC|TM|TS|WM)\(.+\)", extended):
        yield f"{extended} is no extended statistic"
    if properties.get("Period", 60) * properties["EvaluationPeriods"] > ALARM_SECONDS:
        yield "looks back for more than a day"
    for key in ("AlarmActions", "OKActions", "InsufficientDataActions"):
        if len(properties.get(key, [])) > ALARM_ACTIONS:
            yield f"has more than {ALARM_ACTIONS} {key}"
    if len(properties.get("AlarmDescription", "")) > 1024:
        yield "its description has more than 1024 characters"


def _dashboard_faults(template: Template, dashboard: dict[str, Any]) -> Iterator[str]:
    body = json.loads(text(dashboard["Properties"]["DashboardBody"], template))
    counts = [len(widget["properties"].get("metrics", [])) for widget in body["widgets"]]
    if len(counts) > DASHBOARD_WIDGETS:
        yield f"has {len(counts)} widgets, above {DASHBOARD_WIDGETS}"
    if sum(counts) > DASHBOARD_METRICS or max(counts, default=0) > WIDGET_METRICS:
        yield f"shows {sum(counts)} metrics, {max(counts)} in one graph"
    if PSEUDO["AWS::Region"] not in json.dumps(body):
        yield "names no region, which a graph needs"


def _secret_faults(_: Template, secret: dict[str, Any]) -> Iterator[str]:
    properties = secret["Properties"]
    if "SecretString" in properties and "GenerateSecretString" in properties:
        yield "is either given or generated"
    if isinstance(properties.get("SecretString"), str) and properties["SecretString"].strip("{} "):
        yield "is written in the template"


def _table_faults(_: Template, table: dict[str, Any]) -> Iterator[str]:
    properties = table["Properties"]
    indexes = properties.get("GlobalSecondaryIndexes", [])
    if len(indexes) > INDEXES:
        yield f"has {len(indexes)} indexes, above {INDEXES}"
    projected = sum(len(index["Projection"].get("NonKeyAttributes", [])) for index in indexes)
    if projected > PROJECTED:
        yield f"projects {projected} attributes, above {PROJECTED}"
    keys = [*properties.get("KeySchema", []), *(key for index in indexes for key in index["KeySchema"])]
    defined_names = {definition["AttributeName"] for definition in properties.get("AttributeDefinitions", [])}
    if defined_names != {key["AttributeName"] for key in keys}:
        yield "defines the attributes of its keys, and no other"
