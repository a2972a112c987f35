"""The page of operations tells of every metric, alarm and dead-letter queue."""

from __future__ import annotations

import ast

import pytest

from chalicelib.core.names import PARKED, QUEUES
from infra.stage import load
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


def alarms() -> list[str]:
    """The names of all alarms of the stage `prod`."""
    return [
        resource["Properties"]["AlarmName"].removeprefix("rollcall-prod-")
        for resource in resources(load("prod"), "rollcall-prod").values()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    ]


@pytest.mark.slow
def test_every_metric_is_told():
    told = {codes(row[0])[0]: set(codes(row[1])) for row in rows(section(PAGE, "Metrics"))}
    assert told == metrics()


def test_every_kind_of_alarm_is_told():
    told = {codes(row[0])[0] for row in rows(section(PAGE, "Alarms"))}
    names = alarms()
    kinds = {kind for kind in told if "<" in kind}
    endings = tuple(kind.partition(">")[2] for kind in kinds)
    assert {name for name in names if not name.endswith(endings)} == told - kinds
    assert [ending for ending in endings if not any(name.endswith(ending) for name in names)] == []


def test_the_alarms_that_are_paid_for_are_counted():
    assert f"| {len(alarms())} × $0.10" in markdown.page("docs/deploying.md")


def test_every_dead_letter_queue_is_told():
    told = {codes(row[0])[0] for row in rows(section(PAGE, "Dead letters"))}
    assert told == {*(f"{queue}-dlq" for queue in QUEUES), *PARKED}
