"""Nulls, sizes, what stays after a first deployment that failed, references, circles, names: each check can fail."""

from __future__ import annotations

import pytest

from tests.unit.tools.template_rules.broken import checks, resource, said, template
from tools import template_rules

QUEUE = resource("SQS::Queue", QueueName="rollcall-dev-mail")


def test_a_sound_template_has_no_findings():
    assert checks(template(Queue=QUEUE)) == []


@pytest.mark.parametrize("inside", [None, {"deep": [{"deeper": None}]}])
def test_a_null_is_found_wherever_it_is(inside):
    assert checks(template(Machine=resource("CloudFormation::WaitConditionHandle", Value=inside))) == ["NULL"]


@pytest.mark.parametrize(
    "given",
    [
        template(**{f"Queue{number}": resource("SQS::Queue") for number in range(451)}),
        template(Handle=resource("CloudFormation::WaitConditionHandle", Value="x" * 900_000)),
        {**template(Queue=QUEUE), "Description": "x" * 1025},
    ],
)
def test_a_template_that_is_too_large_is_found(given):
    assert checks(given) == ["SIZE"]


@pytest.mark.parametrize(
    "policies",
    [
        {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"},
        {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "RetainExceptOnCreate"},
    ],
)
def test_what_stays_after_a_first_deployment_that_failed_is_found(policies):
    assert checks(template(Queue={**QUEUE, **policies})) == ["RETAINED"]


def test_a_version_of_a_function_goes_with_it():
    version = {**resource("Lambda::Version", FunctionName={"Ref": "F"}), "DeletionPolicy": "Retain"}
    assert checks(template(F=resource("Lambda::Function"), Version=version)) == []


def test_protection_that_a_first_deployment_cannot_take_off_is_found():
    assert checks(template(Table=resource("DynamoDB::Table", DeletionProtectionEnabled=True))) == ["RETAINED"]


def test_protection_by_a_condition_is_not():
    table = resource("DynamoDB::Table", DeletionProtectionEnabled={"Fn::If": ["Protects", True, False]})
    protects = {"Conditions": {"Protects": {"Fn::Equals": ["yes", "no"]}}}
    assert checks({**template(Table=table), **protects}) == []


def test_what_outlives_a_stack_that_lived_may_stay():
    policies = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
    assert checks(template(Queue={**QUEUE, **policies})) == []


@pytest.mark.parametrize(
    "value",
    [
        {"Ref": "Gone"},
        {"Fn::GetAtt": ["Gone", "Arn"]},
        {"Fn::GetAtt": "Gone.Arn"},
        {"Fn::Sub": "arn:${AWS::Partition}:sqs:${Gone}"},
        {"Fn::Sub": ["${Known}${Gone.Arn}", {"Known": "there"}]},
        {"Fn::If": ["Gone", "this", "that"]},
    ],
)
def test_a_reference_to_what_is_not_there_is_found(value):
    assert checks(template(Handle=resource("CloudFormation::WaitConditionHandle", Value=value))) == ["REFERENCE"]


def test_a_literal_of_sub_is_no_reference():
    assert (
        checks(template(Handle=resource("CloudFormation::WaitConditionHandle", V={"Fn::Sub": "${!Gone}"}))) == []
    )


def test_a_condition_that_is_not_there_is_found():
    assert checks(template(Queue={**QUEUE, "Condition": "Gone"})) == ["REFERENCE"]


def test_a_parameter_that_is_named_as_a_resource_is_found():
    assert checks({**template(Queue=QUEUE), "Parameters": {"Queue": {"Type": "String"}}}) == ["REFERENCE"]


def test_a_circle_is_found_with_all_that_is_in_it_and_nothing_else():
    given = template(
        Bucket=resource("X", Notified={"Fn::GetAtt": ["Function", "Arn"]}),
        Function=resource("X", Role={"Fn::GetAtt": ["Role", "Arn"]}),
        Role={**resource("X", Policy={"Fn::Sub": "${Bucket.Arn}/*"}), "DependsOn": "Key"},
        Key=resource("X"),
        Alarm=resource("X", Of={"Ref": "Bucket"}),
    )
    assert [(check, place) for check, place, _ in template_rules.faults(given)] == [
        ("CIRCLE", "Bucket, Function, Role")
    ]


@pytest.mark.parametrize(
    "named",
    [
        resource("Lambda::Function", FunctionName="f" * 65),
        resource("SQS::Queue", QueueName="rollcall.mail"),
        resource(
            "S3::Bucket", BucketName={"Fn::Sub": "rollcall-" + "p" * 30 + "-${AWS::AccountId}-${AWS::Region}"}
        ),
        resource(
            "StepFunctions::StateMachine",
            StateMachineName="m" * 81,
            DefinitionString='{"StartAt":"A","States":{}}',
        ),
    ],
)
def test_a_name_that_its_service_does_not_take_is_found(named):
    assert "NAME" in checks(template(Named=named))


def test_two_resources_of_one_name_are_found():
    assert said(template(One=QUEUE, Two=QUEUE)) == ["rollcall-dev-mail is another one's name too"]
