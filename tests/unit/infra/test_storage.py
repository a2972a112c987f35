"""What must never change about where things are kept."""

from __future__ import annotations

import pytest

from infra.stage import Stage
from infra.storage import resources


@pytest.mark.parametrize("stage", [Stage("local", {}, emulated=True), Stage("dev", {}), Stage("prod", {})])
def test_a_deployment_never_writes_a_secrets_value_again(stage):
    """CloudFormation writes it when one of these two properties changes, whatever the secret holds by then: the keys
    of tokens, or the root that sealed links, cursors and webhooks' secrets.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html"""
    values = {
        name: {key: value for key, value in resource["Properties"].items() if key.endswith("SecretString")}
        for name, resource in resources(stage).items()
        if resource["Type"] == "AWS::SecretsManager::Secret"
    }
    assert values == {
        "SigningKeySecret": {"SecretString": "{}"},
        "AppKeysSecret": {
            "GenerateSecretString": {
                "SecretStringTemplate": "{}",
                "GenerateStringKey": "1",
                "PasswordLength": 64,
                "ExcludePunctuation": True,
            }
        },
    }
