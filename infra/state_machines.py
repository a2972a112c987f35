"""The two state machines of bulk work, and the roles they run as.

Import: plan → a distributed map over the manifest of chunks → finish. A failure anywhere ends in `finish_import`
too, which marks the job as failed with the reason. Export: a map over segments → finish.

A definition is handed over as a text: CloudFormation refuses a template that holds a null, and the states' language
needs it (https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultpath.html).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from infra import options
from infra.arns import Arns, sub
from infra.functions import EMULATED_AT_ONCE

if TYPE_CHECKING:
    from infra.stage import Stage

Resources = dict[str, Any]

CHUNKS_AT_ONCE = 4
"""Chunks imported in parallel. One fills the 4,000 write units a second of a new on-demand table, and four its quota of
40,000 (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html): more would wait in each
other's way, and leave nothing of a new account's ten concurrent executions."""

SEGMENTS_AT_ONCE = 4
"""Segments exported in parallel, of the same ten."""

RETRY = [
    {
        "ErrorEquals": [
            "Lambda.ServiceException",
            "Lambda.AWSLambdaException",
            "Lambda.SdkClientException",
            "Lambda.TooManyRequestsException",
            "Lambda.ClientExecutionTimeoutException",
            "Lambda.Unknown",
            "Sandbox.Timedout",
            "Transient",
            "Unavailable",
        ],
        "IntervalSeconds": 1,
        "MaxAttempts": 6,
        "BackoffRate": 2,
        "MaxDelaySeconds": 60,
        "JitterStrategy": "FULL",
    }
]
"""Every task is repeatable, so whatever may pass is tried again: 6 times over about two minutes. Of what AWS answers to
a task that is all that `chalicelib.core.aws.state_machine_steps` raises as Transient."""

VENDED_LOGS = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)
"""What a state machine needs to log and trace; none of it knows resources:
https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html"""

TASKS = {
    "import": ("plan_import", "import_chunk", "finish_import"),
    "export": ("export_segment", "finish_export"),
}


def resources(stage: Stage) -> Resources:
    arns = Arns(stage.names)
    template_resources: Resources = {}
    at_once = EMULATED_AT_ONCE if stage.emulated else CHUNKS_AT_ONCE
    for name, definition in (("import", _import(arns, at_once)), ("export", _export(arns))):
        title = name.capitalize()
        template_resources[f"{title}MachineLogs"] = {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {
                "LogGroupName": f"/aws/vendedlogs/states/{stage.names.of(name)}",
                "RetentionInDays": 30,
                **options.encrypted(stage),
            },
        }
        template_resources[f"{title}MachineRole"] = _role(stage, name)
        template_resources[f"{title}Machine"] = {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "StateMachineName": stage.names.of(name),
                "RoleArn": {"Fn::GetAtt": [f"{title}MachineRole", "Arn"]},
                "DefinitionString": sub(json.dumps(definition)),
                "TracingConfiguration": {"Enabled": True},
                "LoggingConfiguration": {
                    "Level": "ERROR",
                    "IncludeExecutionData": False,
                    "Destinations": [
                        {"CloudWatchLogsLogGroup": {"LogGroupArn": {"Fn::GetAtt": [f"{title}MachineLogs", "Arn"]}}}
                    ],
                },
            },
        }
    return template_resources


def _task(arns: Arns, function: str, **more: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": arns.function(function), "Retry": RETRY, **more}


def _part(arns: Arns, function: str) -> dict[str, Any]:
    """The step of a map's item. What all items answer is collected before the map's own `ResultPath` drops it, and has
    256 KiB in all (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html): so each answers `{}`, and
    87,000 items have room, more than `ROWS_LIMIT` makes."""
    return _task(arns, function, OutputPath=None, End=True)


def _failing(step: str) -> list[dict[str, Any]]:
    """Every error leads to `step`. `States.ALL` leaves this one out, and stands alone and last:
    https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html"""
    caught = (["States.DataLimitExceeded"], ["States.ALL"])
    return [{"ErrorEquals": errors, "ResultPath": "$.error", "Next": step} for errors in caught]


def _import(arns: Arns, at_once: int) -> dict[str, Any]:
    return {
        "StartAt": "Plan",
        "TimeoutSeconds": 6 * 3600,
        "States": {
            "Plan": _task(arns, "plan_import", Next="Chunks", ResultPath="$.plan", Catch=_failing("Fail")),
            "Chunks": {
                "Type": "Map",
                "ItemReader": {
                    "Resource": "arn:aws:states:::s3:getObject",
                    "ReaderConfig": {"InputType": "JSON"},
                    "Parameters": {
                        "Bucket.$": "$.plan.manifest.bucket",
                        "Key.$": "$.plan.manifest.key",
                    },
                },
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                    "StartAt": "Chunk",
                    "States": {"Chunk": _part(arns, "import_chunk")},
                },
                "MaxConcurrency": at_once,
                "ResultPath": None,
                "Catch": _failing("Fail"),
                "Next": "Finish",
            },
            "Finish": _task(arns, "finish_import", End=True),
            "Fail": _task(arns, "finish_import", Next="Failed"),
            "Failed": {"Type": "Fail", "Error": "ImportFailed", "Cause": "The job holds the reason."},
        },
    }


def _export(arns: Arns) -> dict[str, Any]:
    return {
        "StartAt": "Segments",
        "TimeoutSeconds": 6 * 3600,
        "States": {
            "Segments": {
                "Type": "Map",
                "ItemsPath": "$.segments",
                "MaxConcurrency": SEGMENTS_AT_ONCE,
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "INLINE"},
                    "StartAt": "Segment",
                    "States": {"Segment": _part(arns, "export_segment")},
                },
                "ResultPath": None,
                "Catch": _failing("Fail"),
                "Next": "Finish",
            },
            "Finish": _task(arns, "finish_export", End=True),
            "Fail": _task(arns, "finish_export", Next="Failed"),
            "Failed": {"Type": "Fail", "Error": "ExportFailed", "Cause": "The job holds the reason."},
        },
    }


def _role(stage: Stage, name: str) -> dict[str, Any]:
    arns = Arns(stage.names)
    statements: list[dict[str, Any]] = [
        {
            "Sid": "Tasks",
            "Effect": "Allow",
            "Action": ["lambda:InvokeFunction"],
            "Resource": [sub(arns.function(task)) for task in TASKS[name]],
        },
        {
            "Sid": "LogsAndTraces",
            "Effect": "Allow",
            "Action": list(VENDED_LOGS),
            "Resource": ["*"],
        },
    ]
    if name == "import":
        statements += [
            {
                "Sid": "Manifest",
                "Effect": "Allow",
                "Action": ["s3:GetObject"],
                "Resource": [sub(arns.bucket("work", "imports/*"))],
            },
            {
                "Sid": "DistributedMap",
                "Effect": "Allow",
                "Action": ["states:StartExecution"],
                "Resource": [sub(arns.state_machine(name))],
            },
            {
                "Sid": "DistributedMapRuns",
                "Effect": "Allow",
                "Action": ["states:DescribeExecution", "states:StopExecution"],
                "Resource": [sub(arns.executions(name))],
            },
        ]
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "states.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                        "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
                    }
                ],
            },
            "Policies": [
                {
                    "PolicyName": f"{name}-machine",
                    "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
                }
            ],
        },
    }
