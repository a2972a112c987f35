"""Rules for event sources, queues and subscriptions: the values that each service accepts, and the values that must
agree between two of them."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from tools.template_rules.resolving import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.template_rules.findings import Finding, Template

VISIBILITY_FACTOR = 6
"""https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""

QUEUE = {
    "DelaySeconds": (0, 900),
    "MaximumMessageSize": (1024, 1024**2),
    "MessageRetentionPeriod": (60, 1209600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43200),
}
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html"""

MAPPING = {
    "BatchSize": (1, 10000),
    "MaximumBatchingWindowInSeconds": (0, 300),
    "MaximumRecordAgeInSeconds": (60, 604800),
    "MaximumRetryAttempts": (0, 10000),
    "ParallelizationFactor": (1, 10),
    "TumblingWindowInSeconds": (0, 900),
}
"""https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html; -1, for no limit, is the default of
two of them."""

INVOKING = {"MaximumEventAgeInSeconds": (60, 21600), "MaximumRetryAttempts": (0, 2)}
"""https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html"""

FUNCTION = {"MemorySize": (128, 10240), "Timeout": (1, 900)}

RANGES = {
    "AWS::SQS::Queue": QUEUE,
    "AWS::Lambda::EventSourceMapping": MAPPING,
    "AWS::Lambda::EventInvokeConfig": INVOKING,
    "AWS::Lambda::Function": FUNCTION,
}

COMBINATIONS = 150
FILTER_KEYS = 5
FILTER_BYTES = 256 * 1024
"""https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html"""

MAIL_EVENTS = {
    "bounce",
    "click",
    "complaint",
    "delivery",
    "deliveryDelay",
    "open",
    "reject",
    "renderingFailure",
    "send",
    "subscription",
}
"""A template writes them as the first version of SES's API does, not in capitals as the second version:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ses-configurationseteventdestination-eventdestination.html"""

RULE_UNITS = ("minute", "hour", "day")


def faults(template: Template) -> list[Finding]:
    """Numbers out of range, time-outs that do not agree, filters that are too complex, invalid schedules."""
    findings: list[Finding] = []
    for name, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        messages = list(_range_faults(resource["Type"], properties))
        if resource["Type"] == "AWS::Lambda::EventSourceMapping":
            messages += _mapping_faults(template, properties)
        elif resource["Type"] == "AWS::SNS::Subscription":
            messages += _filter_faults(properties)
        elif resource["Type"] == "AWS::SES::ConfigurationSetEventDestination":
            event_types = set(properties["EventDestination"]["MatchingEventTypes"])
            messages += [f"{event} is no event of SES" for event in sorted(event_types - MAIL_EVENTS)]
        elif resource["Type"] == "AWS::Events::Rule" and "ScheduleExpression" in properties:
            messages += _schedule_faults(properties["ScheduleExpression"])
        findings += [("SOURCE", name, fault) for fault in messages]
    return findings


def _range_faults(kind: str, properties: dict[str, Any]) -> Iterator[str]:
    for key, (least, most) in RANGES.get(kind, {}).items():
        value = properties.get(key, least)
        if isinstance(value, int) and not least <= value <= most:
            yield f"{key} is {value}, and takes {least} to {most}"


def _mapping_faults(template: Template, properties: dict[str, Any]) -> Iterator[str]:
    source = text(properties["EventSourceArn"], template)
    queue = _of_arn(template, "AWS::SQS::Queue", source)
    concurrency = properties.get("ScalingConfig", {}).get("MaximumConcurrency", 2)
    if not 2 <= concurrency <= 1000:
        yield f"MaximumConcurrency is {concurrency}, and takes 2 to 1000"
    if ":sqs:" not in source:
        if "StartingPosition" not in properties:
            yield "a stream has a StartingPosition"
        if "ScalingConfig" in properties:
            yield "a stream has no ScalingConfig"
        return
    if properties.get("BatchSize", 10) > 10 and not properties.get("MaximumBatchingWindowInSeconds"):
        yield "above 10 messages there is a batching window of at least a second"
    function = template["Resources"][properties["FunctionName"]["Ref"]]["Properties"]
    timeout = function.get("Timeout", 3)
    visible = (queue or {}).get("VisibilityTimeout", 30)
    if queue is not None and visible < VISIBILITY_FACTOR * timeout:
        yield f"the queue's visibility timeout, {visible}, is below six times the function's {timeout}"


def _of_arn(template: Template, kind: str, arn: str) -> dict[str, Any] | None:
    """The properties of the resource of this type and ARN; None where the template has none."""
    for name, resource in template["Resources"].items():
        if resource["Type"] == kind and text({"Fn::GetAtt": [name, "Arn"]}, template) == arn:
            properties: dict[str, Any] = resource["Properties"]
            return properties
    return None


def _filter_faults(properties: dict[str, Any]) -> Iterator[str]:
    policy = properties.get("FilterPolicy")
    if policy is None:
        return
    keys, combinations = _counted(policy)
    if len(keys) > FILTER_KEYS:
        yield f"the filter has {len(keys)} keys, above {FILTER_KEYS}"
    if combinations > COMBINATIONS:
        yield f"the filter has {combinations} combinations, above {COMBINATIONS}"
    if len(json.dumps(policy).encode()) > FILTER_BYTES:
        yield f"the filter is above {FILTER_BYTES} bytes"


def _counted(policy: dict[str, Any]) -> tuple[set[str], int]:
    """The keys of a filter, and its combinations: the product of the number of values of each key, where the branches
    of `$or` are added up."""
    branches = [_counted(branch) for branch in policy.get("$or", [])]
    plain = {key: values for key, values in policy.items() if key != "$or"}
    keys = set(plain).union(*(keys for keys, _ in branches))
    combinations = math.prod(len(values) for values in plain.values()) * (sum(count for _, count in branches) or 1)
    return keys, combinations


def _schedule_faults(expression: str) -> Iterator[str]:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html"""
    kind, _, rest = expression.removesuffix(")").partition("(")
    if kind == "rate":
        value, _, unit = rest.partition(" ")
        if unit.removesuffix("s") not in RULE_UNITS or unit.endswith("s") == (value == "1"):
            yield f"{expression} is no rate: one has the singular, more the plural"
    elif kind != "cron" or len(fields := rest.split()) != 6 or [fields[2], fields[4]].count("?") != 1:
        yield f"{expression} is no schedule: six fields, and ? in one of the two days"
