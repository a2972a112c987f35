"""What a stage has for its read model: nothing where it is off, and where it is on, the least that it needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from infra import costs, policies, template
from infra.functions import FUNCTIONS, in_stage
from infra.read_model import CONNECTED
from infra.stage import ALL_ON, READ_MODEL, ROOT, Stage, StageError
from tests.environment import ENVIRONMENT
from tests.unit.appfile import handlers
from tests.unit.infra.test_options import there
from tests.unit.tools.template_rules.generated import PUBLIC

OFF = Stage("prod", PUBLIC)
ON = Stage("prod", {**PUBLIC, READ_MODEL: "postgres"})
NETWORK = {"READ_MODEL_SUBNETS": "subnet-0a1b2c3d,subnet-1a1b2c3d", "READ_MODEL_SECURITY_GROUPS": "sg-0a1b2c3d"}
INSIDE = Stage("prod", {**ON.settings, **NETWORK})

DECLARED = """
import json, app
print(json.dumps({source.name: type(source).__name__ for source in app.app.event_sources}
    | {function.name: "" for function in app.app.pure_lambda_functions}))
"""


def resources(stage):
    return there(template.merge(stage), {})


def connected(made):
    return sorted(name for name, resource in made.items() if "VpcConfig" in resource.get("Properties", {}))


def declared(**environment):
    """The handlers that the app has in that environment, each with what triggers it."""
    bare = {name: value for name, value in os.environ.items() if name not in ENVIRONMENT}
    done = subprocess.run(
        (sys.executable, "-c", DECLARED), cwd=ROOT, env=bare | environment, capture_output=True, check=True
    )
    return json.loads(done.stdout)


def test_every_handler_of_the_app_is_a_function():
    assert handlers().keys() == {function.name for function in FUNCTIONS} - {"api_handler"}


@pytest.mark.slow
def test_the_app_declares_what_a_stage_has():
    for settings in ({}, ALL_ON):
        assert declared(**settings).keys() == {function.name for function in in_stage(Stage("prod", settings))} - {
            "api_handler"
        }


@pytest.mark.parametrize("make", [template.merge, template.standalone])
def test_there_is_nothing_of_it_where_it_is_off(make):
    words = ("read-model", "read_model", "readmodel", "-segments")
    off, on = (json.dumps(make(stage)).lower() for stage in (OFF, ON))
    assert [word for word in words if word in off] == []
    assert [word for word in words if word not in on] == []


def test_it_costs_its_queue_and_its_alarms():
    lines = [
        {line.what: line.count for line in costs.idle(template.merge(stage)["Resources"])} for stage in (OFF, ON)
    ]
    more = {what: count - lines[0].get(what, 0) for what, count in lines[1].items()}
    assert {what: count for what, count in more.items() if count} == {
        "alarm metrics": 3,
        "queue requests": costs.POLLS,
    }


def test_messages_wait_for_a_database_as_long_as_sqs_keeps_them():
    made = resources(ON)
    queue = made["ReadModelQueue"]["Properties"]
    assert (queue["RedrivePolicy"]["maxReceiveCount"], queue["MessageRetentionPeriod"]) == (1000, 14 * 86400)
    assert made["HistoryQueue"]["Properties"]["RedrivePolicy"]["maxReceiveCount"] == 6
    assert "FilterPolicy" not in made["ReadModelSubscription"]["Properties"]


def test_whoever_speaks_to_the_database_and_no_other_has_its_secret():
    readers = [
        name
        for name, document in policies.all_documents(ON).items()
        if "secret:rollcall-prod-read-model-" in json.dumps(document)
    ]
    assert sorted(readers) == sorted(CONNECTED)


@pytest.mark.slow
def test_these_functions_and_no_other_go_into_its_network():
    assert connected(resources(ON)) == []
    assert "ReadModelNetworkPolicy" not in resources(ON)
    made = resources(INSIDE)
    names = ["MaintainReadModel", "OnReadModel", "OperateReadModel", "QueryReadModel"]
    assert connected(made) == names
    assert made["QueryReadModel"]["Properties"]["VpcConfig"] == {
        "SubnetIds": {"Fn::Split": [",", {"Ref": "ReadModelSubnets"}]},
        "SecurityGroupIds": {"Fn::Split": [",", {"Ref": "ReadModelSecurityGroups"}]},
    }
    policy = made["ReadModelNetworkPolicy"]["Properties"]
    assert sorted(role["Ref"] for role in policy["Roles"]) == [f"{name}Role" for name in names]


def test_only_what_ec2_ties_to_nothing_is_granted_on_everything():
    statements = resources(INSIDE)["ReadModelNetworkPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert [statement["Action"] for statement in statements if statement["Resource"] == ["*"]] == [
        ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"]
    ]
    assert not any("*" in action for statement in statements for action in statement["Action"])


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({READ_MODEL: "mysql"}, "READ_MODEL is 'mysql', neither off nor postgres"),
        ({"KINESIS_ITEMS": "yes"}, "KINESIS_ITEMS is 'yes', neither off nor on"),
        (NETWORK, "are set together, with READ_MODEL"),
        ({READ_MODEL: "postgres", "READ_MODEL_SUBNETS": "subnet-0a1b2c3d"}, "are set together, with READ_MODEL"),
    ],
    ids=["another database", "another word", "a network without", "half of a network"],
)
def test_a_stage_whose_settings_mean_nothing_is_refused(settings, told):
    with pytest.raises(StageError, match=told):
        Stage("prod", settings)
