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


@pytest.mark.parametrize("stage", [Stage("local", {}, emulated=True), Stage("dev", {}), Stage("prod", {})])
def test_only_our_own_pages_may_post_to_uploads_and_to_no_other_bucket(stage):
    rules = {
        name: resource["Properties"].get("CorsConfiguration", {}).get("CorsRules", [])
        for name, resource in resources(stage).items()
        if resource["Type"] == "AWS::S3::Bucket"
    }
    (rule,) = rules.pop("UploadsBucket")
    assert rule["AllowedMethods"] == ["POST"]
    assert "AllowedHeaders" not in rule
    (origin,) = rule["AllowedOrigins"]
    assert "*" not in str(origin)
    assert str(origin).count("PublicUrl") == 2
    assert list(rules.values()) == [[], []]
