"""Rules for alarms. On AWS it is no error when an alarm names a resource that does not exist: the alarm then has no
data, and never goes off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.template_rules.resolving import text

if TYPE_CHECKING:
    from tools.template_rules.findings import Finding, Template

WATCHED = {
    ("AWS/ApiGateway", "ApiName"): ("AWS::ApiGateway::RestApi", "Name"),
    ("AWS/ApiGateway", "Stage"): ("AWS::ApiGateway::Stage", "StageName"),
    ("AWS/DynamoDB", "TableName"): ("AWS::DynamoDB::Table", "TableName"),
    ("AWS/Kinesis", "StreamName"): ("AWS::Kinesis::Stream", "Name"),
    ("AWS/Lambda", "FunctionName"): ("AWS::Lambda::Function", "FunctionName"),
    ("AWS/SNS", "TopicName"): ("AWS::SNS::Topic", "TopicName"),
    ("AWS/SQS", "QueueName"): ("AWS::SQS::Queue", "QueueName"),
    ("AWS/States", "StateMachineArn"): ("AWS::StepFunctions::StateMachine", "Arn"),
}
"""By namespace and dimension of a metric, the type of resource and the property that the dimension names."""


def faults(template: Template) -> list[Finding]:
    """Alarms on resources that the template does not have, where it has others of the same type."""
    return [
        ("UNWATCHED", name, f"{metric['Namespace']} has no {dimension['Name']} {value}")
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
        for metric in _metrics(resource["Properties"])
        for dimension in metric.get("Dimensions", [])
        if (watched := WATCHED.get((metric["Namespace"], dimension["Name"])))
        and (value := text(dimension["Value"], template)) not in (names := _names(template, *watched))
        and names
    ]


def _metrics(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """An alarm's metrics: its own one, or those of its calculation."""
    stats = [query["MetricStat"]["Metric"] for query in alarm.get("Metrics", []) if "MetricStat" in query]
    return stats or ([alarm] if "Namespace" in alarm else [])


def _names(template: Template, kind: str, key: str) -> set[str]:
    return {
        text({"Fn::GetAtt": [name, key]} if key == "Arn" else resource["Properties"].get(key, name), template)
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }
