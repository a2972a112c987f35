"""The living map of the console shows parts and arrows that the stage has."""

from __future__ import annotations

import json
import re

from chalicelib.operations import stage_map
from chalicelib.web import assets

SOURCE = (assets.HERE / "console" / "map-parts.js").read_text("utf-8")
PARTS = set(re.findall(r'^  "([a-z_]+:[\w-]+)": \[', SOURCE, re.M))
ARROWS = {tuple(json.loads(pair)) for pair in re.findall(r'^  (\["[^\]]*"\]),$', SOURCE, re.M)}


def test_every_part_and_arrow_is_one_of_the_stage():
    assert len(PARTS) > 30
    assert len(ARROWS) > 30
    assert PARTS - {node["id"] for node in stage_map.nodes()} == set()
    assert ARROWS - {(edge["source"], edge["target"]) for edge in stage_map.edges()} == set()


def test_no_part_is_without_an_arrow_and_no_arrow_without_its_parts():
    assert {part for arrow in ARROWS for part in arrow} == PARTS
