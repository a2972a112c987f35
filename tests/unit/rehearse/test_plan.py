"""The plan of a rehearsal: complete, in an order that works, within its time and cost, and told step by step."""

from __future__ import annotations

import pytest

from tests.unit.rehearse.rehearsing import a_rehearsal
from tools.rehearse import costs
from tools.rehearse.context import Sizes
from tools.rehearse.plan import PREFLIGHT, STEPS
from tools.rehearse.runner import MINUTES, Runner


def test_the_order_works():
    Runner([*PREFLIGHT, *STEPS], a_rehearsal())


def test_it_fits_into_its_time_and_cost():
    assert sum(step.minutes for step in STEPS) <= MINUTES
    assert 0.5 < costs.estimate(STEPS, Sizes()) < costs.LIMIT


def test_what_takes_away_is_last_and_needs_nothing():
    always = [step for step in STEPS if step.always]
    assert STEPS[-len(always) :] == always
    assert [step.name for step in always] == ["deleting-the-stack", "deleting-what-was-kept", "nothing-is-left"]
    assert not any(step.needs for step in always)


@pytest.mark.parametrize("step", [*PREFLIGHT, *STEPS], ids=lambda step: step.name)
def test_every_step_says_what_it_proves_and_where_to_look(step):
    assert step.title
    assert step.proves
    assert step.look or step.name == "earlier-rehearsals"
