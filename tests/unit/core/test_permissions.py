"""Which permissions a call needs: what the cloud tests hold every policy against."""

from __future__ import annotations

import pytest

from chalicelib.core.aws.permissions import needed

HERE = "us-east-1:000000000000"
EXECUTION = f"arn:aws:states:{HERE}:execution:rollcall-dev-import:J1"
MACHINE = f"arn:aws:states:{HERE}:stateMachine:rollcall-dev-import"


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "permission"),
    [
        ("stepfunctions", "StartExecution", {"stateMachineArn": MACHINE}, "rollcall-dev-import"),
        ("stepfunctions", "DescribeExecution", {"executionArn": EXECUTION}, "execution:rollcall-dev-import:J1"),
        (
            "sqs",
            "GetQueueAttributes",
            {"QueueUrl": f"https://sqs/{HERE}/rollcall-dev-history"},
            "rollcall-dev-history",
        ),
        (
            "secretsmanager",
            "GetSecretValue",
            {"SecretId": "rollcall-dev-app-keys"},
            "secret:rollcall-dev-app-keys",
        ),
    ],
)
def test_a_call_needs_its_action_on_what_it_names(service, operation, parameters, permission):
    ((action, resource),) = needed(service, operation, parameters)
    assert (action.partition(":")[2], resource) == (operation, permission)


def test_a_batch_of_statements_needs_what_each_of_them_does():
    statements = [
        {"Statement": f"INSERT INTO \"{table}\" VALUE {{'id':?}}", "Parameters": [{"S": "a"}]}
        for table in ("history", "guards", "history")
    ]
    found = needed("dynamodb", "BatchExecuteStatement", {"Statements": statements})
    assert found == [("dynamodb:PartiQLInsert", "table/guards"), ("dynamodb:PartiQLInsert", "table/history")]
