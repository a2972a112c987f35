"""From each released version an owner comes to today's with all data; versions, records and the changelog agree."""

from __future__ import annotations

import copy
import json
import re

import pytest

from chalicelib.about import VERSION
from infra.stage import ROOT
from tools import release
from tools.console import Problem

RECORDS = {path.stem: json.loads(path.read_text("utf-8")) for path in release.RELEASED.glob("*.json")}
TODAY = release.record()
UPGRADING = (ROOT / "docs" / "upgrading.md").read_text("utf-8")


def moved_since(version):
    """What moved after that version, by what is written down."""
    later = [each for each in release.MOVED if release.ordered(each) > release.ordered(version)]
    return {logical: why for each in later for logical, why in release.MOVED[each].items()}


@pytest.mark.parametrize("version", RECORDS)
def test_an_owner_of_a_released_version_can_deploy_todays(version):
    assert release.problems(RECORDS[version], TODAY, moved_since(version)) == []


def test_what_moved_did_move_and_the_page_says_how():
    for version, moved in release.MOVED.items():
        before = max(
            (each for each in RECORDS if release.ordered(each) < release.ordered(version)), key=release.ordered
        )
        unexplained = release.problems(RECORDS[before], TODAY, {})
        assert sorted(each.partition(" ")[0] for each in unexplained) == sorted(moved)
        assert re.search(rf"^## .*{re.escape(version)}", UPGRADING, re.MULTILINE)


def test_the_version_is_the_same_everywhere():
    assert release.version() == VERSION
    assert all(release.ordered(each) <= release.ordered(VERSION) for each in RECORDS)
    headings = re.findall(r"^## \[(\d[^]]*)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert [each for each in headings if each not in RECORDS] == []
    assert headings == sorted(headings, key=release.ordered, reverse=True)


def test_what_is_released_does_not_change():
    assert RECORDS.get(VERSION, TODAY) == TODAY


@pytest.mark.parametrize("name", ["1", "1.2", "v1.2.3", "1.02.3", "1.2.3-rc1"])
def test_a_version_has_three_numbers(name):
    with pytest.raises(Problem, match="is not a version like"):
        release.ordered(name)


def changed(logical, **properties):
    made = copy.deepcopy(TODAY)
    made["Resources"][logical]["Properties"] |= properties
    return made


@pytest.mark.parametrize(
    ("after", "problem"),
    [
        (changed("UsersTable", KeySchema=[]), "UsersTable has another key"),
        (changed("UsersTable", TableName="another"), "UsersTable has another name"),
        (changed("MailQueue", FifoQueue=True), "MailQueue is another one under the same name"),
        (changed("UserEventsTopic", FifoTopic=True), "UserEventsTopic is another one under the same name"),
        (changed("WorkBucket", BucketName="another"), "WorkBucket has another name"),
        (changed("AppKeysSecret", Name="another"), "AppKeysSecret has another name"),
        (
            {"Resources": {name: each for name, each in TODAY["Resources"].items() if name != "MailTable"}},
            "MailTable is gone, and what is in it",
        ),
    ],
)
def test_a_change_that_loses_data_or_cannot_be_deployed_is_noticed(after, problem):
    assert release.problems(TODAY, after, {}) == [problem]


def test_indexes_may_come_and_go_but_not_change():
    table = copy.deepcopy(TODAY["Resources"]["UsersTable"]["Properties"])
    first, *others = table["GlobalSecondaryIndexes"]
    gone = changed("UsersTable", GlobalSecondaryIndexes=others)
    assert release.problems(TODAY, gone, {}) == release.problems(gone, TODAY, {}) == []
    narrower = {**first, "Projection": {"ProjectionType": "KEYS_ONLY"}}
    other = changed("UsersTable", GlobalSecondaryIndexes=[narrower, *others])
    assert release.problems(TODAY, other, {}) == ["UsersTable has another index under the name of age-index"]


def test_every_type_with_a_name_of_its_own_is_recorded():
    """A new type of resource with a name is either in `FIXED`, or of those that hold nothing and may be replaced."""
    from infra import template as templates
    from infra.stage import ALL_ON, Stage

    replaceable = {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard"}
    resources = templates.merge(Stage("prod", ALL_ON))["Resources"]
    named = {
        resource["Type"]
        for resource in resources.values()
        if "Type" in resource and any(re.fullmatch(r"(\w*)Name", key) for key in own_names(resource))
    }
    assert named - release.FIXED.keys() - replaceable == set()


def own_names(resource):
    """Properties whose value begins as our names do."""
    return [
        key
        for key, value in resource.get("Properties", {}).items()
        if re.search(r'"/?(aws/lambda/)?rollcall-prod', json.dumps(value)) and isinstance(value, str | dict)
    ]
