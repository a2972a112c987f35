"""The page of settings tells of each one, with its default."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields

from chalicelib.core.settings import Settings
from infra.options import OPTIONS
from infra.stage import STAGES_FILE
from tests.unit.docs import markdown
from tests.unit.docs.markdown import codes, rows, section

PAGE = markdown.page("docs/settings.md")


def told(heading: str) -> dict[str, str]:
    return {codes(row[0])[0]: row[1].strip("`") for row in rows(section(PAGE, heading))}


def as_text(default: object) -> str:
    """A default, as the environment would say it."""
    if default is MISSING:
        return "must be set"
    if isinstance(default, bool):
        return "on" if default else "off"
    return "none" if default in ((), "") else str(default)


def test_every_setting_is_told_with_its_default():
    made = told("Made by the deployment")
    read_elsewhere = {
        "MAIL_DOMAIN": "must be set",
        "MAIL_IDENTITY": "create",
        "KINESIS_ITEMS": "off",
    }
    read_elsewhere |= {"RUNTIME": "python3.13", "ARCHITECTURE": "x86_64", "ALARMS": "few"}
    read_elsewhere |= {"MAIL_USER": "rollcall"}
    read_elsewhere |= {"SNAP_START": "off", "PROVISIONED_CONCURRENCY": "0"}
    read_elsewhere |= {option.setting: str(option.default) for option in OPTIONS}
    read = {field.name.upper(): as_text(field.default) for field in fields(Settings)}
    assert told("Settings of a stage") | made == read | read_elsewhere


def test_every_option_is_told_as_a_parameter_and_with_what_it_costs():
    parameters = [
        name for row in rows(section(PAGE, "Parameters of the packaged template")) for name in codes(row[0])
    ]
    assert {option.parameter for option in OPTIONS} <= set(parameters)
    costs = rows(section(markdown.page("docs/deploying.md"), "What can be turned on"))
    assert {option.setting for option in OPTIONS} <= {name for row in costs for name in codes(row[0])}


def test_what_the_stages_set_is_told():
    stages = json.loads(STAGES_FILE.read_text("utf-8"))
    used = {name for settings in stages.values() for name in settings}
    assert used - told("Settings of a stage").keys() == set()
