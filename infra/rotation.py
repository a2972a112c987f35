"""When Secrets Manager has the keys of a stage rotated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infra.stage import Stage


def resources(stage: Stage) -> dict[str, Any]:
    """Secrets Manager calls a rotation function at once and then again and again: for the signing key monthly, for
    `app-keys` as often as the owner says. The first rotation makes the signing key, and the keys of isolated purposes.
    The local cloud lacks the type; there, and under `chalice deploy`, the deployment tool sees to the first one."""
    if stage.emulated:
        return {}
    return {
        "RotationPermission": _may_rotate("RotateSigningKey"),
        "SigningKeyRotation": _rotated("SigningKeySecret", "RotateSigningKey", "RotationPermission", 30),
        "AppKeysRotationPermission": _may_rotate("RotateAppKeys"),
        "AppKeysRotation": _rotated(
            "AppKeysSecret", "RotateAppKeys", "AppKeysRotationPermission", {"Ref": "AppKeysRotationDays"}
        ),
    }


def _may_rotate(function: str) -> dict[str, Any]:
    return {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "FunctionName": {"Ref": function},
            "Action": "lambda:InvokeFunction",
            "Principal": "secretsmanager.amazonaws.com",
            "SourceAccount": {"Ref": "AWS::AccountId"},
        },
    }


def _rotated(secret: str, function: str, permission: str, days: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::SecretsManager::RotationSchedule",
        "DependsOn": permission,
        "Properties": {
            "SecretId": {"Ref": secret},
            "RotationLambdaARN": {"Fn::GetAtt": [function, "Arn"]},
            "RotationRules": {"AutomaticallyAfterDays": days},
            "RotateImmediatelyOnUpdate": True,
        },
    }
