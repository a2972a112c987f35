"""Our interpreter of the states' language keeps the limits that AWS keeps."""

from __future__ import annotations

import pytest

from tests.states import PAYLOAD_BYTES, StateMachine

ARN = "arn:aws:lambda:us-east-1:123456789012:function:"
CAUGHT = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Fail"}]
FAIL = {"Type": "Fail", "Error": "Failed", "Cause": "so"}


def task(name="f", **more):
    return {"Type": "Task", "Resource": ARN + name, **({} if "Next" in more else {"End": True}), **more}


def ran(function, given, **states):
    machine = StateMachine({"StartAt": "One", "States": states}, lambda _, event: function(event))
    return machine, machine.run(given)


@pytest.mark.parametrize(
    ("paths", "output"),
    [
        ({}, {"n": 2}),
        ({"ResultPath": None}, {"a": {"n": 1}}),
        ({"ResultPath": "$.b"}, {"a": {"n": 1}, "b": {"n": 2}}),
        ({"OutputPath": None}, {}),
        ({"OutputPath": "$.n"}, 2),
        ({"ResultPath": "$.b.c", "OutputPath": "$.b"}, {"c": {"n": 2}}),
    ],
)
def test_where_a_result_goes(paths, output):
    _, ended = ran(lambda event: {"n": event["n"] + 1}, {"a": {"n": 1}}, One=task(InputPath="$.a", **paths))
    assert (ended.status, ended.output) == ("SUCCEEDED", output)


def test_parameters_are_filled_from_the_input():
    _, ended = ran(lambda event: event, {"a": {"b": 7}}, One=task(Parameters={"x.$": "$.a.b", "y": "z"}))
    assert ended.output == {"x": 7, "y": "z"}


@pytest.mark.parametrize(("failures", "status"), [(6, "SUCCEEDED"), (7, "FAILED")])
def test_what_may_pass_is_tried_again_as_often_as_it_says(failures, status):
    left = iter([ConnectionError] * failures)

    def function(event):
        for error in left:
            raise error
        return event

    retry = [{"ErrorEquals": ["ConnectionError"], "MaxAttempts": 6}]
    machine, ended = ran(function, {}, One=task(Retry=retry, Catch=CAUGHT), Fail=FAIL)
    assert (machine.retried, ended.status) == (6, status)


def test_a_caught_error_goes_on_with_its_name():
    def function(event):
        if "error" not in event:
            raise ZeroDivisionError
        return event

    _, ended = ran(function, {"a": 1}, One=task(Catch=CAUGHT), Fail=task())
    assert ended.output == {"a": 1, "error": {"Error": "ZeroDivisionError", "Cause": "told by Lambda"}}


@pytest.mark.parametrize(
    ("named", "error"),
    [
        (["States.ALL"], "States.DataLimitExceeded"),
        (["States.TaskFailed"], "States.DataLimitExceeded"),
        (["States.DataLimitExceeded"], "Failed"),
    ],
)
def test_what_is_too_large_is_caught_by_its_name_alone(named, error):
    catch = [{"ErrorEquals": named, "ResultPath": "$.error", "Next": "Fail"}]
    _, ended = ran(lambda _: "x" * PAYLOAD_BYTES, {}, One=task(Catch=catch), Fail=FAIL)
    assert (ended.status, ended.error) == ("FAILED", error)


def test_a_result_may_be_large_as_long_as_nothing_keeps_it_above_the_limit():
    _, ended = ran(lambda _: "x" * (PAYLOAD_BYTES - 2), {}, One=task())
    assert ended.status == "SUCCEEDED"
    _, ended = ran(lambda event: {}, "x" * PAYLOAD_BYTES, One=task())
    assert ended.error == "States.DataLimitExceeded"


def inline(**more):
    each = {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "Each", "States": {"Each": task(**more)}}
    return {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": each, "ResultPath": None, "End": True}


@pytest.mark.parametrize(
    ("items", "more", "status"),
    [
        (2131, {}, "SUCCEEDED"),
        (2132, {}, "FAILED"),
        (2132, {"OutputPath": None}, "SUCCEEDED"),
    ],
)
def test_what_a_map_collects_counts_though_its_result_is_dropped(items, more, status):
    """122 bytes each, and a comma."""
    machine, ended = ran(lambda _: "x" * 120, {"items": [1] * items}, One=inline(**more))
    assert (machine.collected[0] <= PAYLOAD_BYTES, ended.status) == (status == "SUCCEEDED", status)
