"""What an operator watches, as CloudFormation resources: log groups, alarms (`infra.alarms`), the dashboard."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from infra import alarms, dashboard, options
from infra.arns import log_group_name, logical
from infra.functions import in_stage

if TYPE_CHECKING:
    from infra.stage import Stage

Resources = dict[str, Any]

LOG_DAYS = 90


def resources(stage: Stage, api_name: str) -> Resources:
    functions = in_stage(stage)
    template_resources: Resources = {
        f"{logical(function.name)}Logs": {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {
                "LogGroupName": log_group_name(stage.names, function.name),
                "RetentionInDays": LOG_DAYS,
                **options.encrypted(stage),
            },
        }
        for function in functions
    }
    template_resources |= _sampling(stage, api_name)
    template_resources |= alarms.resources(stage, functions, api_name)
    template_resources["Dashboard"] = {
        "Type": "AWS::CloudWatch::Dashboard",
        "Properties": {
            # Dashboards belong to the account, not to the region:
            # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html
            "DashboardName": {"Fn::Sub": f"{stage.names.api}-${{AWS::Region}}"},
            "DashboardBody": {"Fn::Sub": json.dumps(dashboard.body(stage, functions, api_name))},
        },
    }
    return template_resources


TRACED_SHARE = 0.01
"""Of the requests: ten million a month are as many traces as are free. X-Ray's own rule has five times as many, and
beside these the first request of every second, 2.6 million traces a month for $13: https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html"""


def _sampling(stage: Stage, api_name: str) -> Resources:
    """The local cloud lacks X-Ray's rules."""
    if stage.emulated:
        return {}
    anything = dict.fromkeys(("Host", "HTTPMethod", "ResourceARN", "URLPath"), "*")
    rule = {
        **anything,
        "RuleName": stage.names.api,
        "ServiceName": f"{api_name}/api",
        "ServiceType": "AWS::ApiGateway::Stage",
        "FixedRate": TRACED_SHARE,
        "ReservoirSize": 0,
        "Priority": 9000,
        "Version": 1,
    }
    return {"ApiSampling": {"Type": "AWS::XRay::SamplingRule", "Properties": {"SamplingRule": rule}}}
