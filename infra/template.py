"""The templates of a stage.

`merge` is what `chalice package --merge-template` adds to Chalice's own: everything that is not a function, and what
Chalice's decorators cannot say about those that are. `standalone` is the same resources as a stack of their own, under
functions that `chalice deploy` makes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from infra import (
    api,
    costs,
    messaging,
    optional,
    options,
    policies,
    read_model,
    rotation,
    starting,
    state_machines,
    storage,
    watching,
)
from infra.arns import Arns, logical, sub
from infra.functions import EMULATED_AT_ONCE, Function, in_stage
from infra.sender import sender

if TYPE_CHECKING:
    from infra.stage import Stage

Template = dict[str, Any]

STREAM_RECORD_SECONDS = 23 * 3600
"""After so long a failing batch goes to `streams-dlq` (its position, not its data), an hour before the stream
forgets it."""


def merge(stage: Stage) -> Template:
    """The template to merge into Chalice's."""
    resources = _shared(stage, api_name=stage.names.api)
    for function in in_stage(stage):
        name = "APIHandler" if function.name == "api_handler" else logical(function.name)
        resources[name] = _function(stage, function)
        resources[f"{logical(function.name)}Role"] = _role(stage, function)
    resources["RestAPI"] = api.overrides(stage)
    resources |= _upload_trigger(stage)
    resources["UploadsBucket"] = _notifying(resources["UploadsBucket"])
    resources |= rotation.resources(stage)
    resources |= optional.resources(stage, in_stage(stage))
    resources["ObserveStage"]["Properties"]["Environment"]["Variables"]["IDLE_COSTS"] = costs.as_setting(resources)
    return {
        "Parameters": {
            **_parameters(stage),
            **_RESERVED_PARAMETER,
            **options.parameters(stage, packaged=True),
        },
        "Conditions": {
            "ReservesApiConcurrency": {"Fn::Not": [{"Fn::Equals": [{"Ref": "ApiConcurrency"}, 0]}]},
            **_conditions(stage),
            **options.conditions(stage, packaged=True),
        },
        "Resources": resources,
        "Outputs": {**_outputs(stage), **options.outputs(stage)},
    }


def standalone(stage: Stage) -> Template:
    """The stack that `make deploy` makes before `chalice deploy` makes the functions."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"Rollcall, stage {stage.name}: everything but the functions.",
        "Parameters": {**_parameters(stage), **options.parameters(stage, packaged=False)},
        "Conditions": {**_conditions(stage), **options.conditions(stage, packaged=False)},
        "Resources": _shared(stage, api_name="rollcall"),
        "Outputs": _outputs(stage),
    }


OF_THE_TEMPLATE = {
    "ALARMS",
    "ARCHITECTURE",
    "MAIL_DOMAIN",
    "MAIL_IDENTITY",
    "MAIL_USER",
    *options.SETTINGS,
    *starting.SETTINGS,
}
"""Settings that no function reads."""


def environment(stage: Stage) -> dict[str, str]:
    """Every function's environment, with pseudo parameters and the stage's parameters in its values."""
    settings = {name: value for name, value in stage.settings.items() if name not in OF_THE_TEMPLATE}
    return {
        # By this name because the local cloud hands a LOG_LEVEL of its own down to functions.
        "LOGGING_LEVEL": "INFO",
        # pydantic would look for plugins in the metadata of every library, in each cold start.
        "PYDANTIC_DISABLE_PLUGINS": "__all__",
        **settings,
        "STAGE": stage.name,
        "RUNTIME": stage.runtime.name,
        "ACCOUNT_ID": "${AWS::AccountId}",
        "PUBLIC_URL": "${PublicUrl}",
        "MAIL_FROM": sender(stage),
    }


def _shared(stage: Stage, *, api_name: str) -> dict[str, Any]:
    return {
        **storage.resources(stage),
        **messaging.resources(stage),
        **state_machines.resources(stage),
        **watching.resources(stage, api_name),
    }


def _parameters(stage: Stage) -> dict[str, Any]:
    described = {
        "PublicUrl": ("PUBLIC_URL", "Where people reach this stage: issuer, audience and links come from it."),
        "MailDomain": ("MAIL_DOMAIN", "The domain that mail is sent from; SES verifies it by DKIM records."),
    }
    parameters: dict[str, Any] = {}
    for name, (setting, description) in described.items():
        parameters[name] = {"Type": "String", "Description": description, "MinLength": 1}
        if stage.settings.get(setting):
            parameters[name]["Default"] = stage.settings[setting]
    parameters["MailIdentityMode"] = {
        "Type": "String",
        "AllowedValues": ["create", "existing"],
        "Default": stage.settings.get("MAIL_IDENTITY", "create"),
        "Description": "Whether SES has the domain as an identity already, made by another stage or by hand.",
    }
    if stage.is_protected:
        parameters["PublicUrl"]["AllowedPattern"] = "https://[^/]+(/.*[^/])?"
        parameters["ProtectTables"] = {
            "Type": "String",
            "Default": "yes",
            "AllowedValues": ["yes", "no"],
            "Description": "Deletion protection; no in a first deployment, which cannot be taken back otherwise.",
        }
    return parameters


def _conditions(stage: Stage) -> dict[str, Any]:
    conditions = {messaging.MAKES_MAIL_IDENTITY: {"Fn::Equals": [{"Ref": "MailIdentityMode"}, "create"]}}
    if stage.is_protected:
        conditions["ProtectsTables"] = {"Fn::Equals": [{"Ref": "ProtectTables"}, "yes"]}
    return conditions


_RESERVED_PARAMETER = {
    "ApiConcurrency": {
        "Type": "Number",
        "Default": 0,
        "MinValue": 0,
        "Description": "Executions reserved for the API; 0: none. A new account's quota of 10 has none to spare.",
    }
}


def _function(stage: Stage, function: Function) -> dict[str, Any]:
    title = logical(function.name)
    properties: dict[str, Any] = {
        "FunctionName": stage.names.api if function.name == "api_handler" else stage.names.of(function.name),
        "Runtime": stage.runtime.name,
        "Architectures": [stage.runtime.architecture],
        "LoggingConfig": {"LogGroup": {"Ref": f"{title}Logs"}, **_log_format(stage)},
        "Environment": {"Variables": {name: sub(value) for name, value in environment(stage).items()}},
    }
    properties |= read_model.of_function(stage, function)
    if function.chains:
        properties["RecursiveLoop"] = "Allow"
    if events := _events(stage, function, title):
        properties["Events"] = events
    if function.asynchronous:
        properties["EventInvokeConfig"] = {
            "MaximumRetryAttempts": 2,
            "DestinationConfig": {
                "OnFailure": {"Type": "SQS", "Destination": {"Fn::GetAtt": ["InvocationsDlq", "Arn"]}}
            },
        }
    if function.name == "api_handler":
        properties |= starting.of_api(stage)
        properties["ReservedConcurrentExecutions"] = {
            "Fn::If": ["ReservesApiConcurrency", {"Ref": "ApiConcurrency"}, {"Ref": "AWS::NoValue"}]
        }
    return {"Properties": properties}


def _log_format(stage: Stage) -> dict[str, str]:
    """Without the three lines that Lambda would log for each invocation that went well. They are longer than most of
    ours, are paid for by their bytes, and say what the metrics of Lambda say too; what went wrong it still logs:
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html"""
    return {} if stage.emulated else {"LogFormat": "JSON", "SystemLogLevel": "WARN"}


def _events(stage: Stage, function: Function, title: str) -> dict[str, Any]:
    """What Chalice's decorators cannot say of an event source: real references, and what becomes of failures."""
    if function.queue:
        source: dict[str, Any] = {
            "Queue": {"Fn::Sub": f"${{{logical(function.queue)}Queue.Arn}}"},
            "ScalingConfig": {"MaximumConcurrency": _at_once(stage, function.concurrency)},
        }
        return {f"{title}SqsEventSource": {"Properties": source}}
    if function.topic:
        source = {"Topic": {"Fn::Sub": f"${{{logical(function.topic)}Topic}}"}}
        return {f"{title}SnsSubscription": {"Properties": source}}
    if function.scheduled:
        undelivered = {"Arn": {"Fn::GetAtt": ["InvocationsDlq", "Arn"]}}
        return {f"{title}Event": {"Properties": {"DeadLetterConfig": undelivered}}}
    streaming = {
        "ParallelizationFactor": _at_once(stage, function.parallelism),
        "BisectBatchOnFunctionError": True,
        "MaximumRecordAgeInSeconds": STREAM_RECORD_SECONDS,
        "DestinationConfig": {"OnFailure": {"Type": "SQS", "Destination": {"Fn::GetAtt": ["StreamsDlq", "Arn"]}}},
    }
    if function.stream:
        stream = {"Fn::GetAtt": [f"{logical(function.stream)}Table", "StreamArn"]}
        patterns = [{"Pattern": json.dumps(pattern)} for pattern in function.filters]
        filtering = {"FilterCriteria": {"Filters": patterns}} if patterns else {}
        return {f"{title}DynamodbEventSource": {"Properties": {"Stream": stream, **streaming, **filtering}}}
    if function.kinesis:
        return {f"{title}KinesisEventSource": {"Properties": {"Stream": sub("${ItemsStream.Arn}"), **streaming}}}
    return {}


def _at_once(stage: Stage, most: int) -> int:
    return min(most, EMULATED_AT_ONCE) if stage.emulated else most


def _role(stage: Stage, function: Function) -> dict[str, Any]:
    document = policies.document(stage, function)
    for statement in document["Statement"]:
        statement["Resource"] = [sub(resource) for resource in statement["Resource"]]
    policy = {"PolicyName": function.name, "PolicyDocument": document}
    return {"Properties": {"Policies": [policy]}}


def _upload_trigger(stage: Stage) -> dict[str, Any]:
    """The permission names the bucket by its literal ARN, which breaks the circle bucket → function → role → bucket."""
    return {
        "OnUploadPermission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": {"Ref": "OnUpload"},
                "Action": "lambda:InvokeFunction",
                "Principal": "s3.amazonaws.com",
                "SourceArn": sub(Arns(stage.names).bucket("uploads")),
                "SourceAccount": {"Ref": "AWS::AccountId"},
            },
        }
    }


def _notifying(bucket: dict[str, Any]) -> dict[str, Any]:
    notification = {
        "LambdaConfigurations": [{"Event": "s3:ObjectCreated:*", "Function": {"Fn::GetAtt": ["OnUpload", "Arn"]}}]
    }
    properties = {**bucket["Properties"], "NotificationConfiguration": notification}
    return {**bucket, "DependsOn": "OnUploadPermission", "Properties": properties}


def _outputs(stage: Stage) -> dict[str, Any]:
    outputs: dict[str, Any] = {
        f"{logical(table)}StreamArn": {"Value": {"Fn::GetAtt": [f"{logical(table)}Table", "StreamArn"]}}
        for table in stage.streams
    }
    for bucket in ("uploads", "work"):
        outputs[f"{logical(bucket)}BucketName"] = {"Value": {"Ref": f"{logical(bucket)}Bucket"}}
    return outputs
