"""Strangers learn nothing about an address from the deployed stage, by bytes or by time.

`python -m benchmarks enumeration` measures the same with more pairs.
"""

from __future__ import annotations

import pytest

from infra import stage as stages
from tests.cloud.conftest import free_port
from tests.cloud.stage import DeployedStage
from tests.cloud.strangers import FLOORED, KINDS, ROUTES, Strangers, sampling_error, unlimited

ROUNDS = 16
TOLERANCE = 4 * sampling_error(ROUNDS)
"""By chance, one comparison of 16,000 is further from 0.5 than four standard deviations."""


@pytest.fixture(scope="module")
def strangers(tmp_path_factory):
    """A stage of its own, whose limits do not interfere."""
    stage = unlimited(stages.load("local"))
    with DeployedStage.start(stage, free_port(), tmp_path_factory.mktemp("strangers")) as deployed:
        yield Strangers(deployed)


@pytest.mark.parametrize("route", ROUTES)
def test_no_address_is_told_from_another(strangers, route):
    told = strangers.measure(route, ROUNDS, workers=4 if route in FLOORED else 1)
    assert len(set().union(*told.answers.values())) == 1
    far = {kind: told.auc(kind) for kind in KINDS if abs(told.auc(kind) - 0.5) > TOLERANCE}
    assert far == {}
