"""Definitions of state machines, ours and broken ones."""

from __future__ import annotations

import json

import pytest

from infra import state_machines
from infra.stage import load
from tools.template_rules.state_machines import faults

OVER = {"ErrorEquals": ["States.DataLimitExceeded"], "Next": "Fail"}
ALL = {"ErrorEquals": ["States.ALL"], "Next": "Fail"}
TASK = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:one", "End": True}
FAIL = {"Type": "Fail", "Error": "Failed"}
EACH = {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "One", "States": {"One": {**TASK, "OutputPath": None}}}


def machine(start="Start", **states):
    definition = {"StartAt": start, "States": states}
    return {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"DefinitionString": json.dumps(definition)}}


def told(resource):
    return [(place.removeprefix("M/"), fault) for _, place, fault in faults({"Resources": {"M": resource}})]


@pytest.mark.parametrize("stage", ["local", "dev", "prod"])
def test_ours_are_sound(stage):
    resources = state_machines.resources(load(stage))
    assert [name for name in resources if name.endswith("Machine")] == ["ImportMachine", "ExportMachine"]
    assert faults({"Resources": resources}) == []


def test_a_definition_is_a_text():
    resource = {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"Definition": {"StartAt": "Start"}}}
    assert told(resource) == [("M", "has no DefinitionString")]


@pytest.mark.parametrize(
    ("states", "fault"),
    [
        (
            {"Start": {**TASK, "End": False, "Next": "Gone"}},
            ("Gone", "is named as the next state, and is not there"),
        ),
        ({"Start": TASK, "Other": TASK}, ("Other", "is never reached")),
        ({"Start": {**TASK, "Next": "Start"}}, ("Start", "has either Next or End")),
        ({"Start": {**TASK, "ItemsPath": "$.items"}}, ("Start", "a Task has no ItemsPath")),
        ({"Start": {**FAIL, "OutputPath": None}}, ("Start", "a Fail has no OutputPath")),
        ({"S" * 81: TASK}, ("S" * 81, "has a name above 80 characters")),
        (
            {"Start": {**TASK, "Catch": [ALL]}, "Fail": FAIL},
            ("Start", "States.ALL does not catch States.DataLimitExceeded"),
        ),
        ({"Start": {**TASK, "Catch": [ALL, OVER]}, "Fail": FAIL}, ("Start", "States.ALL stands last in Catch")),
        (
            {"Start": {**TASK, "Retry": [{"ErrorEquals": ["Transient", "States.ALL"]}]}},
            ("Start", "States.ALL stands alone in a rule of Retry"),
        ),
        (
            {
                "Start": {
                    **TASK,
                    "Retry": [{"ErrorEquals": ["Transient"], "IntervalSeconds": 9, "MaxDelaySeconds": 9}],
                }
            },
            ("Start", "MaxDelaySeconds is above IntervalSeconds"),
        ),
        (
            {
                "Start": {
                    "Type": "Map",
                    "End": True,
                    "ResultPath": None,
                    "ItemProcessor": {**EACH, "States": {"One": TASK}},
                }
            },
            ("Start", "collects what One answers, where its OutputPath is not null"),
        ),
        (
            {"Start": {"Type": "Map", "End": True, "ItemProcessor": {**EACH, "StartAt": "Two"}}},
            ("Start/Two", "is named as the next state, and is not there"),
        ),
    ],
)
def test_what_is_wrong_is_found(states, fault):
    assert fault in told(machine(next(iter(states)), **states))


def test_what_is_right_is_not():
    start = {"Type": "Map", "ItemProcessor": EACH, "ResultPath": None, "Catch": [OVER, ALL], "End": True}
    assert told(machine(Start=start, Fail=FAIL)) == []
