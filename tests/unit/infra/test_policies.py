"""Least privilege: what may be granted at all, and how."""

from __future__ import annotations

import dataclasses
import json

import pytest

from infra import policies
from infra.allow import EMULATED_WITHOUT_RESOURCES
from infra.functions import FUNCTIONS, in_stage
from infra.policies import WITHOUT_RESOURCES
from infra.stage import ALL_ON, Stage, load
from infra.state_machines import resources as state_machines
from tests import lambda_itself

STAGES = ("local", "dev", "prod")


def granted(stage):
    """(owner, action, resource) of every permission of the stage's functions."""
    for name, document in policies.all_documents(load(stage)).items():
        for statement in document["Statement"]:
            assert statement["Effect"] == "Allow"
            for action in statement["Action"]:
                for resource in statement["Resource"]:
                    yield name, action, resource


@pytest.mark.parametrize("stage", STAGES)
def test_no_action_holds_a_wildcard(stage):
    assert [(name, action) for name, action, _ in granted(stage) if "*" in action or "?" in action] == []


@pytest.mark.parametrize("stage", STAGES)
def test_resources_are_named_but_for_actions_that_have_none(stage):
    broad = {(action) for _, action, resource in granted(stage) if resource == "*"}
    emulated = EMULATED_WITHOUT_RESOURCES if load(stage).emulated else frozenset()
    assert broad <= set(WITHOUT_RESOURCES) | emulated


@pytest.mark.parametrize("stage", STAGES)
def test_a_policy_names_only_its_own_stage(stage):
    for name, action, resource in granted(stage):
        if action == "cloudwatch:DescribeAlarms":
            continue  # CloudWatch asks for all alarms of the account, whichever are named: see `infra.arns`
        if resource == "*" or "${MailDomain}" in resource or "Table.StreamArn}" in resource:
            continue
        assert f"rollcall-{stage}" in resource, (name, action, resource)


def test_the_secret_of_an_old_system_is_read_by_the_api_and_where_one_is_asked():
    asking = {**load("prod").settings, "MIGRATION": '{"kind": "endpoint", "url": "https://old.example/"}'}
    secret = "secret:rollcall-prod-migration-??????"

    def readers(stage: Stage) -> list[str]:
        documents = policies.all_documents(stage).items()
        return [name for name, document in documents if secret in json.dumps(document)]

    assert readers(Stage("prod", asking)) == ["api_handler"]
    assert readers(load("prod")) == []


@pytest.mark.parametrize("stage", STAGES)
def test_the_api_operates_nothing(stage):
    """Who breaks into it can ask the two functions that do, and has none of their permissions."""
    actions = {(action, resource) for name, action, resource in granted(stage) if name == "api_handler"}
    invoked = {resource.rpartition("-")[2] for action, resource in actions if action == "lambda:InvokeFunction"}
    assert invoked == {"observe_stage", "operate_stage"}
    forbidden = ("cloudwatch:", "sqs:ReceiveMessage", "sqs:DeleteMessage", "secretsmanager:RotateSecret")
    assert [action for action, _ in actions if action.startswith(forbidden)] == []
    assert [resource for action, resource in actions if action.startswith("sqs:") and "-dlq" in resource] == []


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_what_lambda_does_in_a_functions_name_is_granted(function):
    stage = dataclasses.replace(load("local"), settings=ALL_ON)
    document = policies.document(stage, function)
    allowed = {
        (a, r) for statement in document["Statement"] for a in statement["Action"] for r in statement["Resource"]
    }
    for action, part in lambda_itself.does(function):
        assert any(action == granted and part in resource for granted, resource in allowed), action


@pytest.mark.parametrize("stage", STAGES)
def test_history_is_appended_to_and_nothing_but_the_erasure_changes_it(stage):
    changing = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"}
    changing |= {"PartiQLInsert", "PartiQLUpdate", "PartiQLDelete"}
    found = {
        (name, action.removeprefix("dynamodb:"))
        for name, action, resource in granted(stage)
        if resource.endswith("-history") and action.removeprefix("dynamodb:") in changing
    }
    assert found == {("on_history", "PartiQLInsert"), ("on_job", "UpdateItem")}


READ_ROOTS = {
    "api_handler": "links, cursors, refresh tokens, devices, seals, logs",
    "on_intent": "short codes, requests for mails",
    "on_mail": "links, short codes, requests for mails",
    "plan_import": "seals of chunks",
    "import_chunk": "seals of chunks and factors, ids of rows",
    "finish_import": "seals of chunks",
    "export_segment": "seals of factors",
    "rotate_app_keys": "another root",
}
"""Who has the keys of every purpose, and what for. None of them talks to a host of others' choice."""


def reading(stage, secret):
    """The condition of every statement that lets a function read a value of the secret, by the function."""
    return [
        (name, statement.get("Condition"))
        for name, document in policies.all_documents(load(stage)).items()
        for statement in document["Statement"]
        if "secretsmanager:GetSecretValue" in statement["Action"]
        and any(f"-{secret}-" in resource for resource in statement["Resource"])
    ]


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_who_delivers_to_hosts_of_others_choice_reads_the_keys_of_webhooks_alone(stage):
    label = {"StringEquals": {"secretsmanager:VersionStage": "WEBHOOKS"}}
    assert [found for found in reading(stage, "app-keys") if found[1]] == [("on_delivery", label)]


@pytest.mark.parametrize("stage", STAGES)
def test_no_other_function_reads_the_root_of_all_keys(stage):
    rooted = [name for name, condition in reading(stage, "app-keys") if not condition]
    emulated = ["on_delivery"] if load(stage).emulated else []
    assert sorted(rooted) == sorted([*READ_ROOTS, *emulated])


def test_no_permission_is_granted_twice():
    seen = list(granted("local"))
    assert sorted({entry for entry in seen if seen.count(entry) > 1}) == []


def test_every_function_has_a_policy_of_its_own():
    assert set(policies.all_documents(load("local"))) == {function.name for function in in_stage(load("local"))}


def test_the_state_machines_name_their_actions():
    for name, resource in state_machines(load("prod")).items():
        if resource["Type"] != "AWS::IAM::Role":
            continue
        for statement in resource["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]:
            assert not [action for action in statement["Action"] if "*" in action], name
