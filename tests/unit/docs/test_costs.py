"""The page of deploying tells what a stage costs while nobody uses it: as counted in its template."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from infra import costs, template
from infra.stage import ALL_ON, Stage
from tests.unit.docs import markdown
from tests.unit.docs.markdown import rows, section
from tools.cost.__main__ import SIZES, compared
from tools.cost.bill import charged
from tools.cost.load import Load, load_of

PAGE = section(markdown.page("docs/deploying.md"), "What it costs while idle")
MOST = 4.0
"""Dollars a month."""


def bill(**settings: str) -> list[costs.Line]:
    return costs.idle(template.merge(Stage("prod", settings))["Resources"])


def together(lines: list[costs.Line]) -> float:
    return sum(line.charged for line in lines)


def told() -> list[tuple[int, float, float, str]]:
    """Count, list price and charge of each row that tells them, and the page of its price."""
    return [
        (
            int(re.sub(r"\D", "", row[1].partition("×")[0])),
            float(row[2].lstrip("$")),
            float(row[3].lstrip("$")),
            row[0],
        )
        for row in rows(PAGE)
        if "×" in row[1]
    ]


def test_an_idle_stage_costs_less_than_four_dollars():
    assert together(bill()) < MOST


def test_the_table_is_what_the_template_holds():
    lines = bill()
    assert sorted(row[:3] for row in told()) == sorted(
        (line.count, round(line.by_list, 2), round(line.charged, 2)) for line in lines
    )
    assert f"**${together(lines):.2f}**" in PAGE
    assert f"**${sum(line.by_list for line in lines):.2f}**" in PAGE


def test_the_table_links_to_every_price():
    lines = bill() + bill(**ALL_ON)
    assert [line.what for line in lines if costs.PRICES[line.what].source not in PAGE] == []


@pytest.mark.parametrize("settings", [{"ALARMS": "all"}, {"KINESIS_ITEMS": "on"}, {"READ_MODEL": "postgres"}])
def test_what_costs_more_is_told_with_its_sum(settings):
    (name,) = settings
    (row,) = [row for row in rows(PAGE) if f"`{name}" in row[0]]
    assert row[1] == f"${together(bill(**settings)):.2f}"


STARTS = section(markdown.page("docs/deploying.md"), "A start without waiting")


@pytest.mark.parametrize("settings", [{"SNAP_START": "on"}, {"PROVISIONED_CONCURRENCY": "1"}])
def test_a_start_without_waiting_costs_what_the_page_tells(settings):
    (name,) = settings
    (entry,) = [entry for entry in STARTS.split("\n- ") if entry.startswith(f"**`{name}=")]
    assert f"costs ${together(bill(**settings)) - together(bill()):.2f} " in " ".join(entry.split())


def test_restores_cost_what_the_page_tells():
    restored = costs.PRICES["restored snapshot GB"].of(1000 * costs.API_GB)
    assert f"${restored:.2f} for a thousand restores" in STARTS


COSTS = markdown.page("docs/costs.md")


def dollars(text: str) -> int:
    return int(text.lstrip("$").replace(",", ""))


@pytest.mark.slow
def test_the_page_of_costs_tells_what_make_cost_prints():
    table = rows(section(COSTS, "100,000 people who sign in 30 times"))
    told = [row for row in table if row[-1].endswith("%")]
    assert len(told) == 5
    for title, cost, share in told:
        load = load_of(re.findall(r"[A-Z]+=[\d.]+", title))
        assert (dollars(cost), share) == (round(charged(load)), f"{charged(load) / 1350:.1%}".replace("%", " %"))
    sizes = [row for row in table if len(row) == 5 and row[0][0].isdigit()]
    series = compared(Load()).values()
    assert [dollars(row[0]) for row in sizes] == list(SIZES)
    assert [[dollars(cell) for cell in row[1:]] for row in sizes] == [
        [round(value) for value in values] for values in zip(*series, strict=True)
    ]


def test_the_page_of_costs_names_every_parameter_with_its_default():
    text = section(COSTS, "Parameters")
    assert sorted(re.findall(r"\*\*`([A-Z]+)`\*\*", text)) == sorted(field.name.upper() for field in fields(Load))
    for name, value in re.findall(r"\*\*`([A-Z]+)`\*\* · ([\d.,]+\d)", text):
        assert getattr(Load(), name.lower()) == float(value.replace(",", "")), name
