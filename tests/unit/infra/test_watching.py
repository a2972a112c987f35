"""What an operator sees and is woken by: the flow from left to right, and alarms that say what to do."""

from __future__ import annotations

import json

import pytest

from chalicelib.core.names import PARKED, QUEUES
from infra.stage import load
from infra.watching import resources
from tests.unit.docs.test_operations import metrics

PROD = resources(load("prod"), "rollcall-prod")
WIDGETS = json.loads(PROD["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"])["widgets"]
GRAPHS = [widget for widget in WIDGETS if widget["type"] == "metric"]
ALARMS = {
    resource["Properties"]["AlarmName"].removeprefix("rollcall-prod-"): resource["Properties"]
    for resource in PROD.values()
    if resource["Type"] == "AWS::CloudWatch::Alarm"
}


def row(text):
    """The titles of the graphs in the row of the graph whose title begins so, from left to right."""
    (top,) = {widget["y"] for widget in GRAPHS if widget["properties"]["title"].startswith(text)}
    found = sorted((widget["x"], widget["properties"]["title"]) for widget in GRAPHS if widget["y"] == top)
    return [title for _, title in found]


def test_the_flow_goes_from_requests_over_writes_to_events():
    assert row("Table writes") == ["Requests", "Table writes (units)", "Events published"]


@pytest.mark.parametrize("queue", QUEUES)
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


@pytest.mark.parametrize("queue", [*(f"{queue}-dlq" for queue in QUEUES), *PARKED])
def test_dead_letters_wake_somebody_with_the_command_to_redrive_them(queue):
    told = ALARMS[f"{queue}-not-empty"]["AlarmDescription"]
    assert "make dead-letters STAGE=prod" in told
    assert f"make redrive QUEUE={queue.removesuffix('-dlq')} STAGE=prod" in told


@pytest.mark.parametrize("queue", QUEUES)
def test_a_message_that_waits_for_long_wakes_somebody(queue):
    """But not a delivery that is held back for its next attempt, by a quarter of an hour at most."""
    alarm = ALARMS[f"{queue}-age"]
    assert alarm["MetricName"] == "ApproximateAgeOfOldestMessage"
    assert alarm["Threshold"] >= (1800 if queue == "deliveries" else 900)


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_alarm_says_what_to_do(alarm):
    told = ALARMS[alarm]["AlarmDescription"]
    assert any(word in told for word in ("Read ", "Search ", "See ", "Look ", "GET "))
    assert told.endswith("docs/operations.md.")
    assert len(told) <= 1024
