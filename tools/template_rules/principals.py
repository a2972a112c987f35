"""Rules for conditions on AWS's own services: a condition key that a service does not send refuses its requests always,
and without an error message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.template_rules.permissions import listed, statements

if TYPE_CHECKING:
    from tools.template_rules.findings import Finding, Template

BOTH = frozenset({"aws:SourceAccount", "aws:SourceArn"})
ARN = frozenset({"aws:SourceArn"})

SENT = {
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
    ("cloudwatch.amazonaws.com", "sns:Publish"): BOTH,
    # AWS's own Landing Zone Accelerator has this condition on the keys of topics of alarms:
    # https://github.com/awslabs/landing-zone-accelerator-on-aws/issues/407
    ("cloudwatch.amazonaws.com", "kms:Decrypt"): BOTH,
    ("cloudwatch.amazonaws.com", "kms:GenerateDataKey"): BOTH,
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
    ("events.amazonaws.com", "sqs:SendMessage"): ARN,
    # https://docs.aws.amazon.com/ses/latest/dg/event-publishing-add-event-destination-sns.html
    ("ses.amazonaws.com", "sns:Publish"): BOTH,
    # A topic's key is granted to SES without any: https://docs.aws.amazon.com/ses/latest/dg/configure-sns-notifications.html
    ("ses.amazonaws.com", "kms:Decrypt"): frozenset(),
    ("ses.amazonaws.com", "kms:GenerateDataKey"): frozenset(),
    # https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
    ("sns.amazonaws.com", "sqs:SendMessage"): ARN,
    # https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
    ("states.amazonaws.com", "sts:AssumeRole"): BOTH,
    ("lambda.amazonaws.com", "sts:AssumeRole"): frozenset(),
}
"""The global condition keys that each service sends with each action, by its documentation."""

INVOKING = {
    # https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html
    "apigateway.amazonaws.com": {"SourceArn"},
    "events.amazonaws.com": {"SourceArn"},
    "s3.amazonaws.com": {"SourceArn", "SourceAccount"},
    "sns.amazonaws.com": {"SourceArn"},
    # https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html
    "secretsmanager.amazonaws.com": {"SourceArn", "SourceAccount"},
}
"""The conditions of a permission to invoke a function that each service can fulfil."""


def faults(template: Template) -> list[Finding]:
    """Permissions of services with a condition key that the service is not known to send, and permissions to invoke
    without any condition."""
    findings: list[Finding] = []
    for owned in statements(template):
        principal = owned.statement.get("Principal", {})
        services = listed(principal.get("Service", [])) if isinstance(principal, dict) else []
        keys = {key for operator in owned.statement.get("Condition", {}).values() for key in operator}
        findings += [
            ("CONDITION", owned.owner, f"{service} is not known to send {key} with {action}")
            for service in services
            for action in listed(owned.statement["Action"])
            for key in sorted(keys - SENT.get((service, action), frozenset()))
        ]
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Lambda::Permission":
            findings += [("CONDITION", name, fault) for fault in _permission_faults(resource["Properties"])]
    return findings


def _permission_faults(properties: dict[str, Any]) -> list[str]:
    service = properties["Principal"]
    conditions = {"SourceArn", "SourceAccount"} & properties.keys()
    unknown = conditions - INVOKING.get(service, set())
    if unknown:
        return [f"{service} is not known to send {', '.join(sorted(unknown))}"]
    return [] if conditions else [f"{service} may invoke it for everybody's account"]
