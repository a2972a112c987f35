"""Rules for physical names: what each service accepts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tools.template_rules.resolving import text

if TYPE_CHECKING:
    from tools.template_rules.findings import Finding, Template

LIMITS = {
    # https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
    ("AWS::Lambda::Function", "FunctionName"): (64, r"[\w-]+"),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    ("AWS::IAM::Role", "RoleName"): (64, r"[\w+=,.@-]+"),
    # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
    ("AWS::SQS::Queue", "QueueName"): (80, r"[\w-]+"),
    # https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
    ("AWS::SNS::Topic", "TopicName"): (256, r"[\w-]+"),
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
    ("AWS::DynamoDB::Table", "TableName"): (255, r"[\w.-]{3,}"),
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    ("AWS::S3::Bucket", "BucketName"): (63, r"[a-z0-9][a-z0-9-]+[a-z0-9]"),
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    ("AWS::CloudWatch::Alarm", "AlarmName"): (255, r"[ -~]+"),
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html
    ("AWS::CloudWatch::Dashboard", "DashboardName"): (255, r"[\w-]+"),
    # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
    ("AWS::Logs::LogGroup", "LogGroupName"): (512, r"[\w.#/-]+"),
    # https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
    ("AWS::StepFunctions::StateMachine", "StateMachineName"): (80, r"[\w-]+"),
    # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
    ("AWS::SecretsManager::Secret", "Name"): (512, r"[\w/+=.@-]+"),
    # https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html
    ("AWS::Kinesis::Stream", "Name"): (128, r"[\w.-]+"),
    # https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_CreateConfigurationSet.html
    ("AWS::SES::ConfigurationSet", "Name"): (64, r"[\w-]+"),
    # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
    ("AWS::Events::Rule", "Name"): (64, r"[\w.-]+"),
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
    ("AWS::ApiGateway::RestApi", "Name"): (1024, r".+"),
    ("AWS::ApiGateway::Stage", "StageName"): (128, r"[\w-]+"),
}

LOGICAL_ID = 255
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html"""


def faults(template: Template) -> list[Finding]:
    """Names that are too long, or contain characters that the service refuses; two resources of one name."""
    findings: list[Finding] = []
    taken: set[tuple[str, str]] = set()
    for logical, resource in template["Resources"].items():
        if len(logical) > LOGICAL_ID or not logical.isalnum():
            findings.append(("NAME", logical, "a logical id has letters and digits, at most 255"))
        for (kind, key), (most, pattern) in LIMITS.items():
            if resource["Type"] != kind or key not in resource.get("Properties", {}):
                continue
            name = text(resource["Properties"][key], template)
            if len(name) > most or not re.fullmatch(pattern, name, re.ASCII):
                findings.append(("NAME", logical, f"{name}: at most {most} of {pattern}"))
            if (kind, name) in taken:
                findings.append(("NAME", logical, f"{name} is another one's name too"))
            taken.add((kind, name))
    return findings
