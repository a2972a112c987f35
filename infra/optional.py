"""What exists in a stage, or is otherwise, because an owner turned an option on: see `infra.options`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra import read_model
from infra.arns import logical, sub
from infra.options import KEY, encrypted

if TYPE_CHECKING:
    from infra.functions import Function
    from infra.stage import Stage

Resources = dict[str, Any]

ACCESS_LOG_DAYS = 90

ACCESS_LOG_FIELDS = {
    "requestId": "$context.requestId",
    "requestTime": "$context.requestTime",
    "httpMethod": "$context.httpMethod",
    # The path as it is declared: the one that was asked for holds ids, and its query whatever a client put there.
    "resourcePath": "$context.resourcePath",
    "status": "$context.status",
    "responseType": "$context.error.responseType",
    "responseLength": "$context.responseLength",
    "responseLatency": "$context.responseLatency",
    "integrationLatency": "$context.integrationLatency",
    "wafStatus": "$context.wafResponseCode",
}
"""What a line tells, and nothing about who asked: no address, no token, no query, no client's name.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html"""

API_STAGE = "api"


def resources(stage: Stage, functions: tuple[Function, ...]) -> Resources:
    """What exists because of an option only."""
    if stage.emulated:
        return {}
    return {
        **_domain(),
        **_web_acl(),
        **_access_logs(stage),
        **_use_of_key(functions),
        **read_model.resources(stage),
    }


def of_api(stage: Stage) -> dict[str, Any]:
    """Properties of the API that depend on options."""
    if stage.emulated:
        return {}
    return {
        "DisableExecuteApiEndpoint": {
            "Fn::If": ["HasDomainCertificate", True, {"Fn::If": ["HasDisableDefaultEndpoint", True, False]}]
        },
        "AccessLogSetting": {
            "Fn::If": [
                "HasAccessLogs",
                {
                    "DestinationArn": {"Fn::GetAtt": ["ApiAccessLogs", "Arn"]},
                    "Format": "{"
                    + ",".join(f'"{name}":"{value}"' for name, value in ACCESS_LOG_FIELDS.items())
                    + "}",
                },
                {"Ref": "AWS::NoValue"},
            ]
        },
    }


def _domain() -> Resources:
    return {
        "ApiDomain": {
            "Type": "AWS::ApiGateway::DomainName",
            "Condition": "HasDomainCertificate",
            "Properties": {
                "DomainName": {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "PublicUrl"}]}]},
                "RegionalCertificateArn": {"Ref": "DomainCertificate"},
                "EndpointConfiguration": {"Types": ["REGIONAL"]},
                "SecurityPolicy": "TLS_1_2",
            },
        },
        "ApiDomainMapping": {
            "Type": "AWS::ApiGateway::BasePathMapping",
            "Condition": "HasDomainCertificate",
            "Properties": {
                "DomainName": {"Ref": "ApiDomain"},
                "RestApiId": {"Ref": "RestAPI"},
                "Stage": {"Ref": "RestAPI.Stage"},
            },
        },
    }


def _web_acl() -> Resources:
    stage_arn = f"arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}::/restapis/${{RestAPI}}/stages/{API_STAGE}"
    return {
        "ApiWebAcl": {
            "Type": "AWS::WAFv2::WebACLAssociation",
            "Condition": "HasWebAcl",
            # The stage is named by its ARN, which does not say that it must be there first.
            "DependsOn": f"RestAPI{API_STAGE}Stage",
            "Properties": {"ResourceArn": sub(stage_arn), "WebACLArn": {"Ref": "WebAcl"}},
        }
    }


def _access_logs(stage: Stage) -> Resources:
    return {
        "ApiAccessLogs": {
            "Type": "AWS::Logs::LogGroup",
            "Condition": "HasAccessLogs",
            "Properties": {
                "LogGroupName": f"/aws/apigateway/{stage.names.api}",
                "RetentionInDays": ACCESS_LOG_DAYS,
                **encrypted(stage),
            },
        }
    }


def _use_of_key(functions: tuple[Function, ...]) -> Resources:
    """Every function and state machine may use the key, and that one alone: what it reads and writes is under it."""
    roles = [f"{logical(function.name)}Role" for function in functions] + [
        "ImportMachineRole",
        "ExportMachineRole",
    ]
    return {
        "KmsKeyPolicy": {
            "Type": "AWS::IAM::Policy",
            "Condition": "HasKmsKey",
            "Properties": {
                "PolicyName": "kms-key",
                "Roles": [{"Ref": role} for role in roles],
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": [KEY]}
                    ],
                },
            },
        }
    }
