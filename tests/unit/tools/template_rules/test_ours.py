"""Our own templates, as CloudFormation gets them, break no rule."""

from __future__ import annotations

import pytest
import yaml

from infra import template
from infra.accepted import is_accepted
from infra.stage import ROOT, Stage
from tests.unit.tools.template_rules.generated import STAGES, templates
from tools import template_rules
from tools.template_rules.translation import translated


def unaccepted(stage, made):
    return [found for found in template_rules.faults(made) if not is_accepted(stage, found[0])]


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
def test_a_packaged_stage_breaks_no_rule(stage):
    assert unaccepted(stage, templates()[stage]) == []


@pytest.mark.parametrize("stage", STAGES)
def test_a_stack_of_resources_breaks_no_rule(stage):
    assert unaccepted(stage, template.standalone(Stage(**STAGES[stage]))) == []


@pytest.mark.slow
def test_the_example_consumer_breaks_no_rule():
    made = yaml.safe_load((ROOT / "examples" / "consumer" / "template.yaml").read_text("utf-8"))
    assert unaccepted("example", translated(made)) == []


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
def test_every_role_is_the_functions_own(stage):
    resources = templates()[stage]["Resources"]
    roles = [found["Properties"]["Role"]["Fn::GetAtt"][0] for found in of_type(resources, "AWS::Lambda::Function")]
    assert len(roles) == len(set(roles))


def of_type(resources, kind):
    return [resource for resource in resources.values() if resource["Type"] == kind]
