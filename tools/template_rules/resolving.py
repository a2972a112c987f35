"""Texts in place of references, in the form that CloudFormation would insert, with the longest name of a region."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tools.template_rules.findings import Template

PSEUDO = {
    "AWS::AccountId": "123456789012",
    "AWS::NoValue": "",
    "AWS::Partition": "aws",
    "AWS::Region": "ap-southeast-1",
    "AWS::StackId": "arn:aws:cloudformation:ap-southeast-1:123456789012:stack/rollcall/1",
    "AWS::StackName": "rollcall",
    "AWS::URLSuffix": "amazonaws.com",
}
"""Region names have 14 characters at most so far: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html"""

VARIABLE = re.compile(r"\$\{([^!][^}]*)\}")

_HERE = "{AWS::Region}:{AWS::AccountId}"
_NAME_AND_ARN = {
    "AWS::ApiGateway::RestApi": ("Name", f"arn:aws:apigateway:{_HERE}::/restapis/{{name}}"),
    "AWS::DynamoDB::Table": ("TableName", f"arn:aws:dynamodb:{_HERE}:table/{{name}}"),
    "AWS::KMS::Key": ("KeyId", f"arn:aws:kms:{_HERE}:key/{{name}}"),
    "AWS::Kinesis::Stream": ("Name", f"arn:aws:kinesis:{_HERE}:stream/{{name}}"),
    "AWS::Lambda::Function": ("FunctionName", f"arn:aws:lambda:{_HERE}:function:{{name}}"),
    "AWS::Logs::LogGroup": ("LogGroupName", f"arn:aws:logs:{_HERE}:log-group:{{name}}:*"),
    "AWS::S3::Bucket": ("BucketName", "arn:aws:s3:::{name}"),
    "AWS::SNS::Topic": ("TopicName", f"arn:aws:sns:{_HERE}:{{name}}"),
    "AWS::SQS::Queue": ("QueueName", f"arn:aws:sqs:{_HERE}:{{name}}"),
    "AWS::SecretsManager::Secret": ("Name", f"arn:aws:secretsmanager:{_HERE}:secret:{{name}}-abcdef"),
    "AWS::StepFunctions::StateMachine": ("StateMachineName", f"arn:aws:states:{_HERE}:stateMachine:{{name}}"),
}
"""The property that names a resource of each type, and its ARN."""

_REF_IS_ARN = {"AWS::SNS::Topic", "AWS::SecretsManager::Secret", "AWS::StepFunctions::StateMachine"}


def text(value: Any, template: Template) -> str:
    """The text of a property, with its references replaced. A parameter without a default becomes `value`."""
    if not isinstance(value, dict):
        return str(value)
    ((function, argument),) = value.items()
    if function == "Ref":
        return _ref(argument, template)
    if function == "Fn::GetAtt":
        name, _, attribute = (argument if isinstance(argument, str) else ".".join(argument)).partition(".")
        return _attribute(name, attribute, template)
    if function == "Fn::Sub":
        pattern, variables = (argument, {}) if isinstance(argument, str) else argument
        return VARIABLE.sub(lambda match: _variable(match[1], variables, template), pattern)
    if function == "Fn::Join":
        separator, parts = argument
        return str(separator).join(text(part, template) for part in parts)
    if function == "Fn::If":
        return max((text(branch, template) for branch in argument[1:]), key=len)
    return "value"


def filled(value: Any, template: Template) -> Any:
    """A document with its references replaced, as by `text`."""
    if isinstance(value, list):
        return [filled(inner, template) for inner in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref")):
        return text(value, template)
    return {key: filled(inner, template) for key, inner in value.items()}


def _variable(name: str, variables: dict[str, Any], template: Template) -> str:
    if name in variables:
        return text(variables[name], template)
    base, _, attribute = name.partition(".")
    return _attribute(base, attribute, template) if attribute else _ref(name, template)


def _ref(name: str, template: Template) -> str:
    if name in PSEUDO:
        return PSEUDO[name]
    if name in template.get("Parameters", {}):
        return str(template["Parameters"][name].get("Default", "value"))
    resource = template["Resources"].get(name, {"Type": ""})
    return _attribute(name, "Arn", template) if resource["Type"] in _REF_IS_ARN else _name(name, template)


def _attribute(name: str, attribute: str, template: Template) -> str:
    resource = template["Resources"].get(name, {"Type": ""})
    if resource["Type"] not in _NAME_AND_ARN:
        return f"{name}.{attribute}"
    if not attribute.endswith("Arn"):
        return _name(name, template)
    arn = _NAME_AND_ARN[resource["Type"]][1].replace("{name}", _name(name, template))
    for pseudo, value in PSEUDO.items():
        arn = arn.replace(f"{{{pseudo}}}", value)
    return f"{arn}/stream/2026-01-01T00:00:00.000" if attribute == "StreamArn" else arn


def _name(name: str, template: Template) -> str:
    resource = template["Resources"].get(name, {"Type": ""})
    key = _NAME_AND_ARN.get(resource["Type"], ("",))[0]
    physical_name = resource.get("Properties", {}).get(key)
    return name if physical_name is None else text(physical_name, template)
