"""Actions, resources and conditions of policies: ours, and what must be found."""

from __future__ import annotations

import pytest

from infra import policies, template
from infra.accepted import is_accepted
from infra.arns import sub
from infra.stage import Stage
from tests.unit.tools.template_rules.broken import allow, checks, resource, role, said
from tests.unit.tools.template_rules.broken import template as of
from tests.unit.tools.template_rules.generated import STAGES
from tools.template_rules.permissions import action_faults, condition_faults, meet
from tools.template_rules.resolving import text

TABLE = "arn:aws:dynamodb:eu-central-1:123456789012:table/users"
QUEUE = "arn:aws:sqs:eu-central-1:123456789012:mail"
KEYS = ["kms:GenerateDataKey", "kms:Decrypt"]


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
def test_iam_knows_every_action_that_a_function_may_and_its_resources(stage):
    made = Stage(**STAGES[stage])
    there = template.standalone(made)
    wrong = [
        (name, check, fault)
        for name, document in policies.all_documents(made).items()
        for statement in document["Statement"]
        for action in statement["Action"]
        for check, fault in (
            *action_faults(action, [text(sub(arn), there) for arn in statement["Resource"]]),
            *condition_faults(action, statement),
        )
        if not is_accepted(stage, check)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("action", "resources", "check"),
    [
        ("dynamodb:PutItems", TABLE, "UNKNOWN:dynamodb:PutItems"),
        ("sqs:SendMessageBatch", QUEUE, "UNKNOWN:sqs:SendMessageBatch"),
        ("nothing:DoIt", "*", "UNKNOWN:nothing:DoIt"),
        ("dynamodb:*", TABLE, "WILDCARD:dynamodb:*"),
        ("dynamodb:PutItem", QUEUE, "MISMATCH:dynamodb:PutItem"),
        ("dynamodb:PutItem", f"{TABLE}/index/age-index", "MISMATCH:dynamodb:PutItem"),
        ("dynamodb:GetRecords", TABLE, "MISMATCH:dynamodb:GetRecords"),
        ("s3:GetObject", "arn:aws:s3:::uploads", "MISMATCH:s3:GetObject"),
        ("s3:ListBucket", "arn:aws:s3:::uploads/*", "MISMATCH:s3:ListBucket"),
        ("dynamodb:PutItem", "*", "ANYWHERE:dynamodb:PutItem"),
        ("xray:PutTraceSegments", TABLE, "MISMATCH:xray:PutTraceSegments"),
    ],
)
def test_what_iam_would_never_grant_is_found(action, resources, check):
    assert checks(of(Role=role(allow(action, [resources])))) == [check]


@pytest.mark.parametrize(
    ("action", "resources"),
    [
        ("dynamodb:PutItem", TABLE),
        ("dynamodb:Query", f"{TABLE}/index/age-index"),
        ("dynamodb:GetRecords", f"{TABLE}/stream/2026-01-01T00:00:00.000"),
        ("s3:GetObject", "arn:aws:s3:::uploads/imports/*"),
        ("s3:ListBucket", "arn:aws:s3:::uploads"),
        ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:keys-??????"),
        ("logs:PutLogEvents", "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/lambda/api:*"),
        ("xray:PutTraceSegments", "*"),
    ],
)
def test_what_iam_grants_is_not(action, resources):
    assert checks(of(Role=role(allow(action, resources)))) == []


SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:app-keys-??????"


def only(action, resource, key):
    return checks(of(Role=role(allow(action, resource, Condition={"StringEquals": {key: "WEBHOOKS"}}))))


def test_a_condition_that_no_request_of_the_action_carries_is_found():
    assert only("secretsmanager:GetSecretValue", SECRET, "secretsmanager:VersionStage") == []
    wrong = "CONDITION:secretsmanager:GetSecretValue"
    assert only("secretsmanager:GetSecretValue", SECRET, "secretsmanager:VersionStages") == [wrong]
    assert only("secretsmanager:GetSecretValue", SECRET, "dynamodb:LeadingKeys") == [wrong]
    wrong = "CONDITION:secretsmanager:PutSecretValue"
    assert only("secretsmanager:PutSecretValue", SECRET, "secretsmanager:VersionStage") == [wrong]
    assert only("dynamodb:GetItem", TABLE, "dynamodb:LeadingKeys") == []


@pytest.mark.parametrize("sids", [("Twice", "Twice"), ("not-letters", "Other")])
def test_an_id_that_is_there_twice_or_is_no_word_is_found(sids):
    assert "SID" in checks(of(Role=role(*(allow("dynamodb:PutItem", TABLE, Sid=sid) for sid in sids))))


@pytest.mark.parametrize("resource", ["table/*", "table/us*", "*", "table/users", "table/use?s"])
def test_a_wildcard_meets_a_type_that_it_may_cover(resource):
    assert meet(resource, "table/${TableName}", "dynamodb")


@pytest.mark.parametrize("resource", ["table/", "table", "tables/users", "table/users/index/age", "index/*"])
def test_and_no_other(resource):
    assert not meet(resource, "table/${TableName}", "dynamodb")


def key(*services, **condition):
    statement = allow(KEYS, "*", Principal={"Service": list(services)}, **condition)
    return of(Key=resource("KMS::Key", KeyPolicy={"Statement": [statement]}))


OURS = {"Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}}


def test_a_condition_that_a_service_is_not_known_to_meet_is_found():
    assert said(key("cloudwatch.amazonaws.com", "ses.amazonaws.com", **OURS)) == [
        f"ses.amazonaws.com is not known to send aws:SourceAccount with {action}" for action in KEYS
    ]


def test_one_that_it_meets_is_not():
    assert said(key("cloudwatch.amazonaws.com", **OURS)) + said(key("ses.amazonaws.com")) == []


def test_the_schedules_dead_letters_are_told_by_the_rule():
    """EventBridge names the rule, and no account."""
    statement = allow("sqs:SendMessage", QUEUE, Principal={"Service": "events.amazonaws.com"}, **OURS)
    policy = resource("SQS::QueuePolicy", Queues=[], PolicyDocument={"Statement": [statement]})
    assert checks(of(Policy=policy)) == ["CONDITION"]


def test_who_may_assume_a_role_is_held_to_the_same():
    assert checks(of(Role=role(trusted="states.amazonaws.com", **OURS))) == []
    assert checks(of(Role=role(trusted="lambda.amazonaws.com", **OURS))) == ["CONDITION"]


@pytest.mark.parametrize(
    ("service", "given"),
    [("events.amazonaws.com", {"SourceAccount": "123456789012"}), ("s3.amazonaws.com", {})],
)
def test_a_permission_that_a_service_cannot_meet_or_everybody_can_is_found(service, given):
    permission = resource("Lambda::Permission", Principal=service, Action="lambda:InvokeFunction", **given)
    assert checks(of(Permission=permission)) == ["CONDITION"]
