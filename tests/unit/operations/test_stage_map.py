"""What functions know of their stage is what `infra/` and the page of settings say."""

from __future__ import annotations

import pytest

from chalicelib.core.settings import SECRET_SETTINGS
from infra.functions import FUNCTIONS
from infra.policies import repeated
from tools import stage_map


@pytest.mark.parametrize("name", ["topology.json", "settings.json"])
def test_the_committed_file_is_what_is_written(name):
    """Else: `python -m tools.stage_map`."""
    assert (stage_map.FOLDER / name).read_text("utf-8") == stage_map.documents()[name]


def test_every_arrow_leads_from_a_part_to_a_part():
    ids = {node["id"] for node in stage_map.nodes()}
    assert {end for source, target, _ in stage_map.edges() for end in (source, target)} <= ids


WITHOUT_ARROWS = {"function:operate_read_model"}
"""An operator alone invokes it, and it calls nothing of the stage."""


def test_every_part_has_an_arrow():
    """But for functions that only an operator invokes, and the table that consumers of HTTP alone use."""
    ends = {end for source, target, _ in stage_map.edges() for end in (source, target)}
    assert {node["id"] for node in stage_map.nodes()} - ends <= WITHOUT_ARROWS


ABOUT_NO_PART = {"dead-letters", "old-system-fails", "read-model-lag", "unpublished-changes"}
"""The alarms that are about several parts, or about what is no part of the stage."""


def test_every_alarm_is_about_a_part_or_about_several():
    ids = {node["id"] for node in stage_map.nodes()} | {None}
    about = stage_map.alarmed()
    assert set(about.values()) <= ids
    assert {name for name, part in about.items() if part is None} == ABOUT_NO_PART


def test_what_is_repeated_is_what_nobody_waits_for():
    assert set(repeated(stage_map.NAMELESS)) - {"reconcile", "on_intent"} == {
        each.name for each in FUNCTIONS if each.asynchronous
    }


def test_a_setting_that_sounds_secret_is():
    described = stage_map.described_settings()
    assert {name.lower() for name in described if "SECRET" in name} == set(SECRET_SETTINGS)
    assert all(setting["purpose"] for setting in described.values())
