"""What other teams are told of subscribing is so, and the example does it."""

from __future__ import annotations

from copy import deepcopy

import pytest
import yaml

from chalicelib.event_bus.envelope import EventType
from chalicelib.event_bus.publishing import FLAGS
from tests.unit.docs import markdown
from tests.unit.docs.markdown import ROOT, codes, rows

PAGE = markdown.page("docs/consumers.md")
TEMPLATE = yaml.safe_load((ROOT / "examples" / "consumer" / "template.yaml").read_text("utf-8"))
RESOURCES = TEMPLATE["Resources"]


def test_every_attribute_to_filter_by_is_told():
    told = [codes(row[0])[0] for row in rows(PAGE)]
    assert sorted(told) == sorted(["type", "new_device", *FLAGS])


def shown():
    """The subscription on the page."""
    return yaml.safe_load(PAGE.partition("```yaml\n")[2].partition("```")[0])["Subscription"]


@pytest.mark.parametrize("subscription", [RESOURCES["Subscription"], shown()], ids=["example", "page"])
def test_a_subscription_names_types_that_exist_and_leaves_out_what_is_replayed_and_bulk(subscription):
    policy = subscription["Properties"]["FilterPolicy"]
    assert set(policy["type"]) <= set(EventType)
    assert policy["replayed"] == policy["bulk"] == [{"exists": False}]


def test_the_page_shows_the_subscription_of_the_example_but_for_its_types():
    page, example = shown(), deepcopy(RESOURCES["Subscription"])
    del page["Properties"]["FilterPolicy"]["type"], example["Properties"]["FilterPolicy"]["type"]
    assert page == example


def test_the_example_may_do_no_more_than_it_needs():
    (policy,) = RESOURCES["Role"]["Properties"]["Policies"]
    for statement in policy["PolicyDocument"]["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        assert not [action for action in actions if "*" in action]
        assert set(statement["Resource"]) == {"Fn::GetAtt"}
