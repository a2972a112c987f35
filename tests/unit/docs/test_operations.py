"""The page of operations tells of every metric, alarm and dead-letter queue."""

from __future__ import annotations

import ast

import pytest

from infra.stage import ALL_ON, Stage
from infra.watching import resources
from tests.unit.docs import markdown
from tests.unit.docs.markdown import ROOT, codes, rows, section

PAGE = markdown.page("docs/operations.md")


def metrics() -> dict[str, set[str]]:
    """Every metric that the code counts, with the names of its dimensions beside the stage."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / "chalicelib").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "logs.count":
                name = ast.literal_eval(node.args[0])
                found[name] = {str(keyword.arg) for keyword in node.keywords} - {"unit", "value"}
    return found


def alarms(choice: str) -> list[str]:
    """The names of the alarms that the stage `prod` has with `ALARMS` of that choice, and all else that has one."""
    further = {**ALL_ON, "MIGRATION": '{"kind": "endpoint", "url": "https://old.example/"}'}
    return [
        resource["Properties"]["AlarmName"].removeprefix("rollcall-prod-")
        for resource in resources(Stage("prod", {"ALARMS": choice, **further}), "rollcall-prod").values()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    ]


@pytest.mark.slow
def test_every_metric_is_told():
    told = {codes(row[0])[0]: set(codes(row[1])) for row in rows(section(PAGE, "Metrics"))}
    assert told == metrics()


def test_every_kind_of_alarm_is_told():
    told = {codes(row[0])[0] for row in rows(section(PAGE, "Alarms"))}
    names = {*alarms("few"), *alarms("all")}
    kinds = {kind for kind in told if "<" in kind}
    endings = tuple(kind.partition(">")[2] for kind in kinds)
    assert {name for name in names if not name.endswith(endings)} <= told - kinds <= names
    assert [ending for ending in endings if not any(name.endswith(ending) for name in names)] == []


def test_the_few_alarms_are_told_from_the_others():
    few = {codes(row[0])[0] for row in rows(section(PAGE, "Alarms")) if row[1] == "few, all"}
    only = {codes(row[0])[0] for row in rows(section(PAGE, "Alarms")) if row[1] == "few"}
    assert few | only == set(alarms("few"))
    assert only.isdisjoint(alarms("all"))


def test_every_dead_letter_queue_is_told():
    told = {codes(row[0])[0] for row in rows(section(PAGE, "Dead letters"))}
    assert told == set(Stage("prod", ALL_ON).dead_letters)
