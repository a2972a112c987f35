"""Rules for the definitions of state machines: they are given as text, and valid.

https://states-language.net/spec.html, and what AWS adds to it:
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.template_rules.findings import Finding, Template

DEFINITION_BYTES = 1024**2
"""https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"""

STATE_NAME = 80

_ANY = {"Type", "Comment"}
_WITH_PATHS = _ANY | {"InputPath", "OutputPath"}
_WITH_NEXT = _WITH_PATHS | {"Next", "End"}
_WITH_RESULT = _WITH_NEXT | {"ResultPath", "Parameters", "ResultSelector", "Retry", "Catch"}

FIELDS = {
    "Task": _WITH_RESULT
    | {
        "Resource",
        "TimeoutSeconds",
        "TimeoutSecondsPath",
        "HeartbeatSeconds",
        "HeartbeatSecondsPath",
        "Credentials",
    },
    "Parallel": _WITH_RESULT | {"Branches"},
    "Map": _WITH_RESULT
    | {
        "ItemBatcher",
        "ItemProcessor",
        "ItemReader",
        "ItemSelector",
        "ItemsPath",
        "Label",
        "MaxConcurrency",
        "MaxConcurrencyPath",
        "ResultWriter",
        "ToleratedFailureCount",
        "ToleratedFailureCountPath",
        "ToleratedFailurePercentage",
        "ToleratedFailurePercentagePath",
    },
    "Pass": _WITH_NEXT | {"ResultPath", "Parameters", "Result"},
    "Wait": _WITH_NEXT | {"Seconds", "Timestamp", "SecondsPath", "TimestampPath"},
    "Choice": _WITH_PATHS | {"Choices", "Default"},
    "Succeed": _WITH_PATHS,
    "Fail": _ANY | {"Error", "ErrorPath", "Cause", "CausePath"},
}
"""What a state of each type may hold, where paths are JSONPath: https://states-language.net/spec.html#state-type-table"""


def faults(template: Template) -> list[Finding]:
    """The faults in the definitions of all state machines."""
    findings: list[Finding] = []
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::StepFunctions::StateMachine":
            text = _text(resource["Properties"])
            if text is None:
                findings.append(("DEFINITION", name, "has no DefinitionString"))
            else:
                findings += [
                    ("STATES", f"{name}/{state_path}", fault) for state_path, fault in _definition_faults(text)
                ]
    return findings


def _text(properties: dict[str, Any]) -> str | None:
    definition = properties.get("DefinitionString")
    text = definition.get("Fn::Sub") if isinstance(definition, dict) else definition
    return text if isinstance(text, str) and "Definition" not in properties else None


def _definition_faults(text: str) -> Iterator[tuple[str, str]]:
    if len(text.encode()) > DEFINITION_BYTES:
        yield "", f"is above {DEFINITION_BYTES} bytes"
    yield from _flow_faults(json.loads(text))


def _flow_faults(flow: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The faults of a state machine, of a map's processor or of a branch."""
    states: dict[str, Any] = flow["States"]
    reached: set[str] = set()
    to_visit = [flow["StartAt"]]
    while to_visit:
        name = to_visit.pop()
        if name not in states:
            yield name, "is named as the next state, and is not there"
        elif name not in reached:
            reached.add(name)
            to_visit += _next_states(states[name])
    for name, state in states.items():
        if name not in reached:
            yield name, "is never reached"
        yield from ((name, fault) for fault in _state_faults(name, state))
        for inner in (state.get("ItemProcessor"), *state.get("Branches", ())):
            if inner:
                yield from ((f"{name}/{state_path}", fault) for state_path, fault in _flow_faults(inner))


def _next_states(state: dict[str, Any]) -> Iterator[str]:
    for rule in (state, *state.get("Catch", ()), *state.get("Choices", ())):
        if "Next" in rule:
            yield rule["Next"]
    if "Default" in state:
        yield state["Default"]


def _state_faults(name: str, state: dict[str, Any]) -> Iterator[str]:
    allowed = FIELDS.get(state["Type"], set())
    for field in state.keys() - allowed:
        yield f"a {state['Type']} has no {field}"
    if "Next" in allowed and ("Next" in state) == (state.get("End") is True):
        yield "has either Next or End"
    if len(name) > STATE_NAME:
        yield f"has a name above {STATE_NAME} characters"
    yield from _error_faults(state)
    if state["Type"] == "Map" and "ResultWriter" not in state:
        yield from _collecting_faults(state["ItemProcessor"])


def _error_faults(state: dict[str, Any]) -> Iterator[str]:
    for field in ("Catch", "Retry"):
        named = [rule["ErrorEquals"] for rule in state.get(field, ())]
        if any("States.ALL" in errors and errors != ["States.ALL"] for errors in named):
            yield f"States.ALL stands alone in a rule of {field}"
        if ["States.ALL"] in named[:-1]:
            yield f"States.ALL stands last in {field}"
    caught = {error for rule in state.get("Catch", ()) for error in rule["ErrorEquals"]}
    if "States.ALL" in caught and "States.DataLimitExceeded" not in caught:
        yield "States.ALL does not catch States.DataLimitExceeded"
    for rule in state.get("Retry", ()):
        if rule.get("MaxDelaySeconds", 31622400) <= rule.get("IntervalSeconds", 1):
            yield "MaxDelaySeconds is above IntervalSeconds"


def _collecting_faults(processor: dict[str, Any]) -> Iterator[str]:
    """A map collects the results of its items, up to 256 KiB, before its `ResultPath` is applied."""
    for name, state in processor["States"].items():
        if state.get("End") is True and state.get("OutputPath", "$") is not None:
            yield f"collects what {name} answers, where its OutputPath is not null"
