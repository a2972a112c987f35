"""`make deploy` with `chalice deploy`, whose roles an account has once for all regions."""

from __future__ import annotations

import json

from tools.deploy import other_regions

DEPLOYED = json.dumps(
    {
        "resources": [
            {"resource_type": "lambda_function", "lambda_arn": "arn:aws:lambda:eu-west-1:123456789012:function:f"},
            {"resource_type": "iam_role", "role_arn": "arn:aws:iam::123456789012:role/rollcall-dev-f"},
        ]
    }
)


def test_functions_in_another_region_are_noticed():
    assert other_regions(DEPLOYED, "us-east-1") == ["eu-west-1"]
    assert other_regions(DEPLOYED, "eu-west-1") == []
