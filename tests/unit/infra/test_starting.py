"""How the API's function starts: what a template says of it, as CloudFormation gets it."""

from __future__ import annotations

import json

import pytest

from infra import starting
from infra.stage import Stage, StageError
from tests.unit.tools.template_rules.generated import templates

pytestmark = pytest.mark.slow
"""The templates of every stage are translated, once."""

CALLED = "lambda:path/2015-03-31/functions/${{{}}}/invocations"


def of_type(template, kind):
    return {name: part for name, part in template["Resources"].items() if part["Type"] == kind}


def called_by(template):
    """What the API calls, and whom API Gateway may call."""
    definition = json.dumps(template["Resources"]["RestAPI"]["Properties"]["Body"])
    permission = template["Resources"]["APIHandlerInvokePermission"]["Properties"]["FunctionName"]
    return definition, permission


def test_by_default_there_is_no_version():
    template = templates()["prod"]
    assert not of_type(template, "AWS::Lambda::Version")
    definition, permission = called_by(template)
    assert CALLED.format("APIHandler.Arn") in definition
    assert permission == {"Ref": "APIHandler"}


@pytest.mark.parametrize("key", ["snapshot", "ready"])
def test_an_api_that_starts_otherwise_is_called_by_its_alias_alone(key):
    template = templates()[key]
    assert len(of_type(template, "AWS::Lambda::Version")) == 1
    assert list(of_type(template, "AWS::Lambda::Alias")) == ["APIHandlerAliaslive"]
    definition, permission = called_by(template)
    assert CALLED.format("APIHandler.Arn") not in definition
    methods = sum(len(path) for path in template["Resources"]["RestAPI"]["Properties"]["Body"]["paths"].values())
    assert definition.count(CALLED.format("APIHandlerAliaslive")) == methods
    assert permission == {"Ref": "APIHandlerAliaslive"}


def test_a_snapshot_is_of_published_versions_of_the_api_alone():
    functions = of_type(templates()["snapshot"], "AWS::Lambda::Function")
    said = {
        name: function["Properties"]["SnapStart"]
        for name, function in functions.items()
        if "SnapStart" in function["Properties"]
    }
    assert said == {"APIHandler": {"ApplyOn": "PublishedVersions"}}


def test_processes_are_kept_ready_at_the_alias():
    (alias,) = of_type(templates()["ready"], "AWS::Lambda::Alias").values()
    assert alias["Properties"]["ProvisionedConcurrencyConfig"] == {"ProvisionedConcurrentExecutions": 3}


def test_a_version_is_published_of_changed_settings_too():
    versions = [
        set(of_type(templates()[key], "AWS::Lambda::Version")) for key in ("snapshot", "snapshot, changed")
    ]
    assert versions[0].isdisjoint(versions[1])


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"SNAP_START": "on", "PROVISIONED_CONCURRENCY": "2"}, "SNAP_START or PROVISIONED_CONCURRENCY, not both"),
        ({"SNAP_START": "on", "RUNTIME": "python3.11"}, "wants RUNTIME python3.12 or newer"),
        ({"SNAP_START": "yes"}, "'yes', neither on nor off"),
        ({"PROVISIONED_CONCURRENCY": "some"}, "'some', not a whole number"),
        ({"PROVISIONED_CONCURRENCY": "-1"}, "'-1', not a whole number"),
    ],
)
def test_what_lambda_refuses_is_not_packaged(settings, why):
    with pytest.raises(StageError, match=why):
        starting.of_api(Stage("dev", settings))


def test_the_local_cloud_has_neither():
    assert starting.of_api(Stage("local", {"SNAP_START": "on"}, emulated=True)) == {}
