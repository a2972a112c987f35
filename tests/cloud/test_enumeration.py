"""Strangers learn nothing about an address from the bytes that the deployed stage answers.

What the work of each answer is, `tests/functional/test_enumeration.py` counts; its time, `python -m benchmarks
enumeration` measures.
"""

from __future__ import annotations

import pytest

from infra import stage as stages
from tests.cloud.conftest import free_port
from tests.cloud.stage import DeployedStage
from tests.cloud.strangers import FLOORED, KINDS, ROUTES, Strangers, unlimited

ROUNDS = 3
"""The first answer of a kind may differ from those that follow, and the last before a limit."""


@pytest.fixture(scope="module")
def strangers(tmp_path_factory):
    """A stage of its own, whose limits do not interfere."""
    stage = unlimited(stages.load("local"))
    with DeployedStage.start(stage, free_port(), tmp_path_factory.mktemp("strangers")) as deployed:
        yield Strangers(deployed)


@pytest.mark.parametrize("route", ROUTES)
def test_no_address_is_told_from_another(strangers, route):
    told = strangers.measure(route, ROUNDS, workers=4 if route in FLOORED else 1)
    assert {kind: len(answers) for kind, answers in told.answers.items()} == dict.fromkeys(KINDS, 1)
    assert told.differing_bytes == 0
