"""Alarms are mailed to addresses that mail can reach."""

from __future__ import annotations

import pytest

from infra.stage import Stage, StageError


@pytest.mark.parametrize(
    "operators",
    [
        "j\u00f6rg@example.com",
        "ops@example.com, ops",
        "a" * 65 + "@example.com",
        "Ops <ops@example.com>",
        "@",
        "ops@",
    ],
)
def test_a_stage_whose_alarms_reach_nobody_is_not_packaged(operators):
    with pytest.raises(StageError, match="in OPERATORS is not an email address"):
        Stage("dev", {"OPERATORS": operators})


@pytest.mark.parametrize("operators", ["", "ops@example.com", "ops@b\u00fccher.example, ops+2@localhost,"])
def test_one_whose_alarms_do_is(operators):
    assert Stage("dev", {"OPERATORS": operators}).settings["OPERATORS"] == operators
