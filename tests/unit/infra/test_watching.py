"""What an operator sees and is woken by: the flow from left to right, and alarms that say what to do."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from chalicelib.core.names import PARKED, QUEUES
from infra import costs
from infra.alarms import FEW
from infra.stage import ALL_ON, Stage, StageError, load
from infra.watching import resources
from tests.unit.docs.test_operations import metrics

EVERYTHING = replace(load("prod"), settings={"ALARMS": "all", **ALL_ON})
PROD = resources(EVERYTHING, "rollcall-prod")
SMALL = resources(load("prod"), "rollcall-prod")
WIDGETS = json.loads(PROD["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"])["widgets"]
GRAPHS = [widget for widget in WIDGETS if widget["type"] == "metric"]


def alarms(made):
    """The alarms among these resources, by their short names."""
    return {
        resource["Properties"]["AlarmName"].removeprefix("rollcall-prod-"): resource["Properties"]
        for resource in made.values()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }


ALARMS = alarms(PROD)
SMALL_ALARMS = alarms(SMALL)


def row(text):
    """The titles of the graphs in the row of the graph whose title begins so, from left to right."""
    (top,) = {widget["y"] for widget in GRAPHS if widget["properties"]["title"].startswith(text)}
    found = sorted((widget["x"], widget["properties"]["title"]) for widget in GRAPHS if widget["y"] == top)
    return [title for _, title in found]


def test_the_flow_goes_from_requests_over_writes_to_events():
    assert row("Table writes") == ["Requests", "Table writes (units)", "Events published"]


@pytest.mark.parametrize("queue", EVERYTHING.queues)
def test_each_consumer_has_a_row_from_in_to_oldest(queue):
    words = [title.removeprefix(f"{queue}: ").partition(",")[0].partition(" (")[0] for title in row(f"{queue}: ")]
    assert words == ["in", "done", "to come again", "parked", "oldest"]


def test_nothing_lies_over_anything_else():
    cells = [
        (x, y)
        for widget in WIDGETS
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) == 23


@pytest.mark.slow
def test_every_metric_that_the_code_counts_is_on_the_dashboard():
    shown = json.dumps(GRAPHS)
    assert [metric for metric in metrics() if f'"{metric}"' not in shown and f'\\"{metric}\\"' not in shown] == []


@pytest.mark.parametrize("queue", EVERYTHING.dead_letters)
def test_dead_letters_wake_somebody_with_the_command_to_redrive_them(queue):
    told = ALARMS[f"{queue}-not-empty"]["AlarmDescription"]
    assert "rollcall dead-letters list --stage prod" in told
    assert f"rollcall dead-letters redrive {queue.removesuffix('-dlq')} --stage prod" in told


@pytest.mark.parametrize("queue", EVERYTHING.queues)
def test_a_message_that_waits_for_long_wakes_somebody(queue):
    """But not a delivery that is held back for its next attempt, by a quarter of an hour at most."""
    alarm = ALARMS[f"{queue}-age"]
    assert alarm["MetricName"] == "ApproximateAgeOfOldestMessage"
    assert alarm["Threshold"] >= (1800 if queue == "deliveries" else 900)


@pytest.mark.parametrize("alarm", {**ALARMS, **SMALL_ALARMS})
def test_an_alarm_says_what_to_do(alarm):
    told = {**ALARMS, **SMALL_ALARMS}[alarm]["AlarmDescription"]
    assert any(word in told for word in ("Read ", "Search ", "See ", "Look ", "GET "))
    assert told.endswith("docs/operations.md.")
    assert len(told) <= 1024


def test_few_alarms_are_those_that_no_failure_passes_by():
    further = {**ALL_ON, "MIGRATION": '{"kind": "endpoint", "url": "https://old.example/"}'}
    with_all = resources(replace(load("prod"), settings=further), "rollcall-prod")
    assert alarms(with_all).keys() == FEW
    assert SMALL_ALARMS.keys() == FEW - {
        "on_item_stream-iterator-age",
        "old-system-fails",
        "read-model-age",
        "read-model-lag",
    }


def test_the_alarm_over_all_dead_letters_looks_at_each_queue():
    *waiting, most = SMALL_ALARMS["dead-letters"]["Metrics"]
    looked_at = {metric["MetricStat"]["Metric"]["Dimensions"][0]["Value"] for metric in waiting}
    assert looked_at == {f"rollcall-prod-{queue}" for queue in [*(f"{queue}-dlq" for queue in QUEUES), *PARKED]}
    assert [metric["ReturnData"] for metric in [*waiting, most]] == [*[False] * len(waiting), True]
    assert len(waiting) <= 10


def test_no_alarm_of_one_choice_is_new_in_the_other_but_the_one_over_all():
    assert SMALL_ALARMS.keys() - ALARMS.keys() == {"dead-letters"}


def test_the_dashboard_of_few_alarms_is_free():
    assert 40 <= costs.shown(SMALL["Dashboard"]) <= costs.FREE_DASHBOARD_METRICS < costs.shown(PROD["Dashboard"])


def test_no_choice_but_the_two():
    with pytest.raises(StageError, match="ALARMS is 'some', neither few nor all"):
        resources(Stage("dev", {"ALARMS": "some"}), "rollcall")


def test_the_local_cloud_is_given_no_alarm_over_several_metrics():
    local = alarms(resources(load("local"), "rollcall-local"))
    assert [name for name, alarm in local.items() if "Metrics" in alarm] == []
    assert len(local) > len(SMALL_ALARMS)
